/** Agents have their times as databases write them: a space, and neither zone nor fraction. */
export function spaced(time: string): string {
  return time.slice(0, 19).replace('T', ' ');
}
