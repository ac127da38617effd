import { defineConfig } from 'vitest/config';

/** One project a test kind; integration and lab run one file at a time, because the machine is small. */
const project = (name: string, options: object = {}) => ({
  extends: true as const,
  test: { name, include: [`test/${name}/**/*.test.ts`], ...options },
});

const SERIAL = { fileParallelism: false, testTimeout: 60_000, hookTimeout: 60_000 };

export default defineConfig({
  test: {
    projects: [
      project('unit', {
        include: ['test/unit/**/*.test.ts', 'test/tidy.test.ts'],
        // On a machine that is busy with others the longest of a second takes more than five.
        testTimeout: 30_000,
      }),
      project('sequence', { testTimeout: 60_000 }),
      project('simulation', { testTimeout: 60_000 }),
      project('integration', SERIAL),
      project('lab', { ...SERIAL, testTimeout: 120_000, hookTimeout: 120_000 }),
    ],
  },
});
