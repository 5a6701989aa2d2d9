// Runs reader.onnx beside the page, so that the pen does not wait for the network.
// It is sent pictures, and sends back what the network makes of them.

import * as ort from "./ort.wasm.min.mjs";

const OUTPUTS = ["probabilities", "image", "contributions"];

async function load() {
  const here = new URL(".", import.meta.url).href;
  // While the runtime starts
  const model = fetch(`${here}reader.onnx`).then((reply) => reply.arrayBuffer());
  ort.env.wasm.wasmPaths = here;
  // More need headers of the server that most do not send
  ort.env.wasm.numThreads = 1;
  // To optimize the graph takes longer than it saves in many readings
  const options = { graphOptimizationLevel: "disabled" };
  return ort.InferenceSession.create(await model, options);
}

const loading = load();

self.onmessage = async ({ data: { pixels, height, width } }) => {
  try {
    const session = await loading;
    const picture = new ort.Tensor("uint8", pixels, [1, height, width, 4]);
    const result = await session.run({ picture });
    const values = OUTPUTS.map((name) => [name, Array.from(result[name].data)]);
    self.postMessage({ values: Object.fromEntries(values) });
  } catch (error) {
    self.postMessage({ error: `The network failed: ${error.message}` });
  }
};

loading.then(
  () => self.postMessage({ isReady: true }),
  (error) =>
    self.postMessage({ error: `The network could not be loaded: ${error.message}` }),
);
