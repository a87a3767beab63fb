// The least that makes an embedding of a photo with onnxruntime-web. Everything is asked for at once, as a careful page would.
import * as ort from "./ort.wasm.bundle.min.mjs";

const SIDE = 224;

/// The photo's middle, as the model's authors prepare it: [1, 3, SIDE, SIDE], (u8 − 127) / 128.
function prepared(photo) {
  const canvas = new OffscreenCanvas(SIDE, SIDE);
  const context = canvas.getContext("2d");
  const side = Math.min(photo.width, photo.height) * 0.875;
  context.drawImage(photo, (photo.width - side) / 2, (photo.height - side) / 2, side, side, 0, 0, SIDE, SIDE);
  const { data } = context.getImageData(0, 0, SIDE, SIDE);
  const pixels = new Float32Array(3 * SIDE * SIDE);
  for (let at = 0; at < SIDE * SIDE; at++)
    for (let channel = 0; channel < 3; channel++)
      pixels[channel * SIDE * SIDE + at] = (data[4 * at + channel] - 127) / 128;
  return new ort.Tensor("float32", pixels, [1, 3, SIDE, SIDE]);
}

try {
  ort.env.wasm.numThreads = 1;
  const photo = fetch("photo.jpg").then((answer) => answer.blob()).then(createImageBitmap);
  const model = fetch("model.onnx").then((answer) => answer.arrayBuffer());
  const session = await ort.InferenceSession.create(await model, { executionProviders: ["wasm"] });
  const { y } = await session.run({ x: prepared(await photo) });
  if (y.data.length !== 1280 || !y.data.some((value) => value > 0)) throw new Error("no embedding");
  window.answered = performance.now();
} catch (error) {
  window.failed = String(error);
}
