// The photo's middle, as the model's authors prepare it: [1, 3, side, side], (u8 − 127) / 128.
export function prepared(ort, photo, side) {
  const canvas = new OffscreenCanvas(side, side);
  const context = canvas.getContext("2d");
  const seen = Math.min(photo.width, photo.height) * 0.875;
  context.drawImage(photo, (photo.width - seen) / 2, (photo.height - seen) / 2, seen, seen, 0, 0, side, side);
  const { data } = context.getImageData(0, 0, side, side);
  const pixels = new Float32Array(3 * side * side);
  for (let at = 0; at < side * side; at++)
    for (let channel = 0; channel < 3; channel++) pixels[channel * side * side + at] = (data[4 * at + channel] - 127) / 128;
  return new ort.Tensor("float32", pixels, [1, 3, side, side]);
}
