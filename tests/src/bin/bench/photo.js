// One photo after another with onnxruntime-web: `?on=wasm` or `?on=webgpu`; from a tensor, or from a JPEG as a page has it.
import { prepared } from "./prepared.js";

const on = new URLSearchParams(location.search).get("on");

try {
  const ort = await import(`./ort.${on}.bundle.min.mjs`);
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create("model.onnx", { executionProviders: [on] });
  const photo = await (await fetch("small.jpg")).blob();
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
  await window.once(128);
  window.ready = true;
} catch (error) {
  window.failed = String(error);
}
