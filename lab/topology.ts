/** A replica that holds certain records, for tests and benchmarks. */
import {
  type AnyRecord,
  identify,
  type RecordKey,
  Tables,
  Topology,
} from '../src/topology/index.ts';

export type Row = readonly [RecordKey, AnyRecord];

export function topologyOf(rows: Iterable<Row>): Topology {
  const topology = new Topology();
  topology.load(1, tablesOf(rows));
  return topology;
}

/** As if one commit had written them all. */
export function tablesOf(rows: Iterable<Row>): Tables {
  const tables = new Tables();
  for (const [key, value] of rows) tables.put(identify(key, value), value, 1);
  return tables;
}
