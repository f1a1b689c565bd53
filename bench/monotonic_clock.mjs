// One clock for all processes of the machine.
export const nowMs = () => Number(process.hrtime.bigint()) / 1e6;
