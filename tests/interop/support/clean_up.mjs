// What ends with a test, the last that was started first: what stands on a Redis ends before it.
const stacks = new WeakMap();

export function cleanUp(t, end) {
  if (!stacks.has(t)) {
    const stack = [];
    stacks.set(t, stack);
    t.after(async () => {
      while (stack.length > 0) await stack.pop()();
    });
  }
  stacks.get(t).push(end);
}
