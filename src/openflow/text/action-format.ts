/** Actions as `ovs-ofctl` prints them (ovs-actions(7)). */
import type { Action } from '../actions/index.ts';
import { OFPCML, OFPP, OFPR } from '../constants.ts';
import { fieldOf } from '../oxm/index.ts';
import { formatCt, formatNat } from './ct-text.ts';
import { flag, joined, labelled } from './join.ts';
import { formatLearn } from './learn-text.ts';
import { dottedHex, hex } from './numbers.ts';
import { formatPort } from './ports.ts';
import { REASON_NAMES } from './reasons.ts';
import { formatSubField } from './subfields.ts';
import { formatTable, type TextOptions } from './tables.ts';
import { formatValue } from './values.ts';

type Of<T extends Action['type']> = Extract<Action, { readonly type: T }>;
type Formatters = {
  readonly [T in Action['type']]: (action: Of<T>, options: TextOptions) => string;
};

const FORMATTERS: Formatters = {
  output: formatOutput,
  output_reg: ({ source }) => `output:${formatSubField(source)}`,
  group: ({ groupId }) => `group:${groupId}`,
  meter: ({ meterId }) => `meter:${meterId}`,
  set_queue: ({ queueId }) => `set_queue:${queueId}`,
  set_field: ({ field, value, mask }) => {
    const row = fieldOf(field);
    return `set_field:${formatValue(row, value, mask)}->${row.text}`;
  },
  move: ({ source, destination }) =>
    `move:${formatSubField(source)}->${formatSubField(destination)}`,
  push_vlan: ({ ethertype }) => `push_vlan:${hex(ethertype)}`,
  pop_vlan: () => 'pop_vlan',
  dec_ttl: ({ controllerIds }) =>
    controllerIds === undefined ? 'dec_ttl' : `dec_ttl(${controllerIds.join(',')})`,
  ct: (action, options) => formatCt(action, (list) => formatActions(list, options), options),
  nat: formatNat,
  ct_clear: () => 'ct_clear',
  resubmit: formatResubmit,
  conjunction: ({ id, clause, clauses }) => `conjunction(${id},${clause}/${clauses})`,
  learn: formatLearn,
  controller: formatController,
  check_pkt_larger: ({ size, destination }) =>
    `check_pkt_larger(${size})->${formatSubField(destination)}`,
  note: ({ bytes }) => `note:${dottedHex(bytes)}`,
  clone: ({ actions }, options) => `clone(${formatActions(actions, options)})`,
  unknown: ({ bytes }) => `unknown(${dottedHex(bytes)})`,
};

/** The text of a list of actions; of an empty one `drop`. */
export function formatActions(actions: readonly Action[], options: TextOptions = {}): string {
  if (actions.length === 0) return 'drop';
  return actions.map((action) => formatAction(action, options)).join(',');
}

function formatAction(action: Action, options: TextOptions): string {
  const format = FORMATTERS[action.type] as (action: Action, options: TextOptions) => string;
  return format(action, options);
}

function formatOutput({ port, maxLength }: Of<'output'>): string {
  if (port < OFPP.MAX) return `output:${port}`;
  if (port !== OFPP.CONTROLLER) return formatPort(port);
  return `CONTROLLER:${maxLength ?? OFPCML.NO_BUFFER}`;
}

function formatResubmit({ port, table, withCt }: Of<'resubmit'>, options: TextOptions): string {
  if (port !== undefined && table === undefined) return `resubmit:${formatPort(port)}`;
  const port_ = port === undefined ? '' : formatPort(port);
  const table_ = table === undefined ? '' : formatTable(table, options);
  return `resubmit(${port_},${table_}${withCt ? ',ct' : ''})`;
}

function formatController(action: Of<'controller'>): string {
  const { maxLength } = action;
  const more = joined([
    labelled('id', action.controllerId),
    labelled('userdata', action.userdata, { format: dottedHex }),
    flag('pause', action.pause),
    labelled('meter_id', action.meterId),
  ]);
  const reason = labelled('reason', action.reason, {
    format: (number) => REASON_NAMES[number] ?? String(number),
    silent: OFPR.APPLY_ACTION,
  });
  if (reason === undefined && more === '') return `CONTROLLER:${maxLength ?? OFPCML.NO_BUFFER}`;
  return `controller(${joined([reason, labelled('max_len', maxLength), more])})`;
}
