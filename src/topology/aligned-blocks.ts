/** Ranges of transport ports as what matches can say. */

/** Numbers from `start` on, of which there is a power of two, and `start` is a multiple of it. */
export interface AlignedBlock {
  readonly start: number;
  readonly size: number;
}

/** A range of ports as the fewest aligned blocks. */
export function alignedBlocks(first: number, last: number): AlignedBlock[] {
  const blocks: AlignedBlock[] = [];
  for (let start = first; start <= last; ) {
    let size = 1;
    while (start % (size * 2) === 0 && start + size * 2 - 1 <= last && size < PORTS) size *= 2;
    blocks.push({ start, size });
    start += size;
  }
  return blocks;
}

/** How many transport ports there are. */
export const PORTS = 0x1_0000;
