/** For `expect.poll`: as long as a busy machine may take to show something. */
export const shown = { timeout: 120_000, interval: 100 } as const;
