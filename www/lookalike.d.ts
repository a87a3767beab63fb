/** Opens a gallery: the address of the folder `gallery` in a site that `lookalike build` has made. */
export function open(gallery: string | URL, options?: { signal?: AbortSignal }): Promise<Gallery>;

/** A gallery that can be asked. One question is answered after the other. */
export interface Gallery {
  /** What the collection is called. */
  readonly title: string;
  /** How many photos it has. */
  readonly photos: number;
  /** All tags of its photos, sorted. */
  readonly tags: readonly string[];
  /** The photos most similar to a picture, the most similar first. The picture stays on this device. */
  search(photo: Blob, options?: Options): Promise<Result[]>;
  /** The photos most similar to one of the gallery's, by the `id` of a result. */
  neighbours(id: number, options?: Options): Promise<Result[]>;
  /** Ends it. What is still asked is rejected with an `AbortError`. */
  close(): void;
}

export interface Options {
  /** How many photos; 6 unless given. */
  count?: number;
  /** Fetch all of a large collection for the exact answer; by default the nearest parts alone. */
  exact?: boolean;
  /** Gives the question up; it is rejected with the signal's reason. */
  signal?: AbortSignal;
}

/** A photo of the gallery. Its texts are other people's: show them as text. */
export interface Result {
  id: number;
  /** Its path in the folder that the gallery was made of. */
  path: string;
  /** Its title, or its path where it has none. */
  title: string;
  /** Where it leads, an address with https, http or mailto; empty: nowhere. */
  link: string;
  tags: string[];
  /** Cosine similarity in [-1, 1]. */
  similarity: number;
  /** A word for it by the gallery's own distances; empty: none. */
  likeness: "" | "related" | "look-alike" | "near-duplicate" | "identical";
  /** The address of its thumbnail, and its size in pixels. */
  thumbnail: string;
  width: number;
  height: number;
}
