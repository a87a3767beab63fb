// One photo after another, from the JPEG as a page has it: with onnxruntime-web (`?on=wasm` or `?on=webgpu`), or with our program for
// the processor (`?on=ours`), as `lookalike.js` uses it.
import { prepared } from "./prepared.js";

const on = new URLSearchParams(location.search).get("on");
const photo = await (await fetch("small.jpg")).blob();

async function theirs() {
  const ort = await import(`./ort.${on}.bundle.min.mjs`);
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create("model.onnx", { executionProviders: [on] });
  const run = async (x) => {
    const { y } = await session.run({ x });
    if (y.data.length !== 1280 || !y.data.some((value) => value > 0)) throw new Error("no features");
  };
  // Milliseconds from the JPEG to the features, and those of them from the tensor on.
  window.once = async (side) => {
    const start = performance.now();
    const x = prepared(ort, await createImageBitmap(photo), side);
    const ready = performance.now();
    await run(x);
    const end = performance.now();
    return [end - start, end - ready];
  };
}

async function ours() {
  const { bytes, gallery } = await import("./ours.js");
  const search = await (await gallery()).opened();
  const tiny = new Blob([await bytes("tiny.jpg")]);
  const timed = async (file) => {
    const start = performance.now();
    await search.embed(file);
    return performance.now() - start;
  };
  // Milliseconds from the JPEG to the embedding; and from one that takes no time to decode, which is the network.
  window.once = async () => [await timed(photo), await timed(tiny)];
}

try {
  await (on === "ours" ? ours() : theirs());
  await window.once(128);
  window.ready = true;
} catch (error) {
  window.failed = String(error);
}
