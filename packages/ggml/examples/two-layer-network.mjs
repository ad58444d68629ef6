// Two layers learn XOR. Shapes are ggml's, columns first: a row is an example.
import { Allocation, Device, Graph, GraphMemory } from "@repotune/ggml";

const device = Device.open("cpu", 1);
const layers = { w1: ["F32", [3, 8]], w2: ["F32", [8, 1]] };
const [weights, means, variances] = [0, 1, 2].map(() => new Allocation(device, layers).tensors);
const { x, target, y, adam } = new Allocation(device, {
  x: ["F32", [3, 4]], // two bits, and a one for the bias
  target: ["F32", [1, 4]],
  y: ["F32", [1, 4]],
  adam: ["F32", [7]],
}).tensors;

const graph = new Graph(device, (g) => {
  const h = g.mulMat(weights.w1, x); // [3, 8] · [3, 4] → [8, 4]
  const a = g.silu(h); // [8, 4]
  const output = g.mulMat(weights.w2, a); // [8, 1] · [8, 4] → [1, 4]
  const dy = g.scale(g.subtract(output, target), 2 / 4); // [1, 4], gradient of the mean square
  const dh = g.siluBack(g.mulMat(g.transposed(weights.w2), dy), h); // [1, 8] · [1, 4] → [8, 4]
  const gradients = { w1: g.outerProduct(x, dh), w2: g.outerProduct(a, dy) }; // [3, 8], [8, 1]
  const step = (name) =>
    g.adamwStep(weights[name], gradients[name], means[name], variances[name], adam);
  return [g.copy(output, y), step("w1"), step("w2")]; // w1 first: its gradient needs the old w2
});
const memory = new GraphMemory(device, [graph]);

for (const name of ["w1", "w2"]) {
  weights[name].write(new Float32Array(weights[name].elements).map((_, i) => Math.sin(7 * i + 1)));
  for (const moments of [means, variances]) moments[name].clear();
}
x.write(Float32Array.of(0, 0, 1, 0, 1, 1, 1, 0, 1, 1, 1, 1));
const xor = Float32Array.of(0, 1, 1, 0);
target.write(xor);
for (let t = 1; t <= 200; t++) {
  adam.write(Float32Array.of(0.05, 0.9, 0.999, 1e-8, 0, 1 / (1 - 0.9 ** t), 1 / (1 - 0.999 ** t)));
  await memory.run(graph);
  const loss = y.read().reduce((sum, value, i) => sum + (value - xor[i]) ** 2 / 4, 0);
  if (t === 1 || t % 50 === 0) console.log(`step ${t}: loss ${loss.toFixed(6)}`);
}
console.log(`0⊕0, 0⊕1, 1⊕0, 1⊕1: ${[...y.read()].map((value) => value.toFixed(3)).join(", ")}`);
