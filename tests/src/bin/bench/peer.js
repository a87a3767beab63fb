// The least that makes an embedding of a photo with onnxruntime-web. Everything is asked for at once, as a careful page would.
import * as ort from "./ort.wasm.bundle.min.mjs";
import { prepared } from "./prepared.js";

try {
  ort.env.wasm.numThreads = 1;
  const photo = fetch("photo.jpg").then((answer) => answer.blob()).then(createImageBitmap);
  const model = fetch("model.onnx").then((answer) => answer.arrayBuffer());
  const session = await ort.InferenceSession.create(await model, { executionProviders: ["wasm"] });
  const { y } = await session.run({ x: prepared(ort, await photo, 224) });
  if (y.data.length !== 1280 || !y.data.some((value) => value > 0)) throw new Error("no embedding");
  window.answered = performance.now();
} catch (error) {
  window.failed = String(error);
}
