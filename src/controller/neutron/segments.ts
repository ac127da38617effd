/** Segments: networks, seen as how they are carried. They are read only. */
import { intentError, SEGMENT_ATTRIBUTES, segmentOf } from '../../topology/index.ts';
import type { ReadingType } from './readings.ts';

export const SEGMENTS: ReadingType = {
  singular: 'segment',
  plural: 'segments',
  attributes: SEGMENT_ATTRIBUTES,
  notFound: (id) => intentError('SegmentNotFound', { segment_id: id }),

  items: function* (topology) {
    for (const network of topology.list('network')) yield segmentOf(network);
  },

  item: (id, topology) => {
    const network = topology.get('network', id);
    return network && segmentOf(network);
  },
};
