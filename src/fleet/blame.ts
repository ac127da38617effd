/** Whose fault a refusal of a switch is: for logs that people read. */
import type { DesiredState } from '../pipeline/index.ts';
import { RejectedError } from './ports.ts';

/** The units whose flow, group or meter the switch refused; nothing of other errors. */
export function blame(
  error: unknown,
  { units }: Pick<DesiredState, 'units'>,
): { readonly step?: string; readonly units?: readonly string[] } {
  if (!(error instanceof RejectedError) || error.step === undefined) return {};
  const { step } = error;
  const guilty = [...units.values()].filter((unit) => {
    if ('flow' in step) return unit.flows.some(({ key }) => key === step.flow.key);
    if ('meter' in step) return unit.meters.some(({ meterId }) => meterId === step.meter.meterId);
    return unit.groups.some(({ groupId }) => groupId === step.group.groupId);
  });
  return { step: step.type, units: guilty.map(({ key }) => key) };
}
