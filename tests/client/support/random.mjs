// Numbers from 0 to below `most`, the same for the same seed.
export function randomOf(seed) {
  let state = seed + 1;
  return (most) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * most);
  };
}
