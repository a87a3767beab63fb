// One photo after another with onnxruntime-web: `?on=wasm` or `?on=webgpu`. A photo is a tensor already, [1, 3, side, side].
const on = new URLSearchParams(location.search).get("on");

try {
  const ort = await import(`./ort.${on}.bundle.min.mjs`);
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create("model.onnx", { executionProviders: [on] });
  const photo = (side) => new ort.Tensor("float32", Float32Array.from({ length: 3 * side * side }, (_, at) => Math.sin(at)), [1, 3, side, side]);
  // Milliseconds from the tensor to the features.
  window.once = async (side) => {
    const x = photo(side);
    const start = performance.now();
    const { y } = await session.run({ x });
    const time = performance.now() - start;
    if (y.data.length !== 1280 || !y.data.some((value) => value > 0)) throw new Error("no features");
    return time;
  };
  await window.once(128);
  window.ready = true;
} catch (error) {
  window.failed = String(error);
}
