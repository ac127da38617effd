/** Metering: from checked requests to labels and rules, and which rules do not go together. */
import { defined } from '../../lib/assert.ts';
import { cidrsOverlap, parseCidr } from '../address.ts';
import { intentError } from '../intent-error.ts';
import type {
  MeteringLabel,
  MeteringLabelCreate,
  MeteringLabelRule,
  MeteringLabelRuleCreate,
} from '../metering.ts';
import type { Birth } from './birth.ts';

export function freshMeteringLabel(given: MeteringLabelCreate, birth: Birth): MeteringLabel {
  const { project_id = birth.projectId, name, description, shared } = given;
  return { id: birth.id, project_id, name, description, shared };
}

/** @param siblings the other rules of the label: the commit must expect that they stay the same */
export function freshMeteringLabelRule(
  given: MeteringLabelRuleCreate,
  id: string,
  siblings: Iterable<MeteringLabelRule>,
): MeteringLabelRule {
  const rule: MeteringLabelRule = {
    id,
    metering_label_id: given.metering_label_id,
    direction: given.direction,
    excluded: given.excluded,
    remote_ip_prefix: given.remote_ip_prefix,
    source_ip_prefix: given.source_ip_prefix,
    destination_ip_prefix: given.destination_ip_prefix,
  };
  checkPrefixes(rule);
  for (const other of siblings) checkOverlap(rule, other);
  return rule;
}

function checkPrefixes(rule: MeteringLabelRule): void {
  const { remote_ip_prefix: remote, source_ip_prefix, destination_ip_prefix } = rule;
  const hasEnds = source_ip_prefix !== null || destination_ip_prefix !== null;
  if (remote !== null && hasEnds) {
    const others = "'source-ip-prefix' or 'destination-ip-prefix'";
    const msg = `Cannot use 'remote-ip-prefix' in conjunction with ${others}.`;
    throw intentError('Invalid', { msg });
  }
  if (remote === null && !hasEnds) {
    const names = "'remote_ip_prefix', or 'source_ip_prefix' or 'destination_ip_prefix'";
    const msg = `You must define at least one of the following parameters ${names}.`;
    throw intentError('Invalid', { msg });
  }
}

/** What is counted, or not, twice over: only remote prefixes are held against each other. */
function checkOverlap(rule: MeteringLabelRule, other: MeteringLabelRule): void {
  const [prefix, taken] = [rule.remote_ip_prefix, other.remote_ip_prefix];
  if (prefix === null || taken === null) return;
  if (rule.direction !== other.direction || rule.excluded !== other.excluded) return;
  if (!cidrsOverlap(rangeOf(prefix), rangeOf(taken))) return;
  throw intentError('MeteringLabelRuleOverlaps', { remote_ip_prefix: prefix });
}

function rangeOf(prefix: string) {
  return defined(parseCidr(prefix), 'prefix that was read');
}
