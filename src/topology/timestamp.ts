/** Timestamps of records: RFC 3339 in UTC with whole seconds, as Neutron writes `created_at`. */

const SECONDS_PER_DAY = 86_400;
/** Days from 0000-03-01 to 1970-01-01 in the proleptic Gregorian calendar. */
const EPOCH_DAYS = 719_468;
const DAYS_PER_ERA = 146_097;

/**
 * Formats milliseconds since 1970-01-01 UTC. Pure arithmetic, because the folder knows no `Date`:
 * years are counted from March, so that the leap day is the last of its year, in eras of 400 years.
 */
export function timestamp(wallTimeMs: number): string {
  const seconds = Math.floor(wallTimeMs / 1000);
  const days = Math.floor(seconds / SECONDS_PER_DAY) + EPOCH_DAYS;
  const era = Math.floor(days / DAYS_PER_ERA);
  const dayOfEra = days - era * DAYS_PER_ERA;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1;
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  const rest = ((seconds % SECONDS_PER_DAY) + SECONDS_PER_DAY) % SECONDS_PER_DAY;
  const date = `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}`;
  const hours = Math.floor(rest / 3600);
  const minutes = Math.floor((rest % 3600) / 60);
  return `${date}T${pad(hours, 2)}:${pad(minutes, 2)}:${pad(rest % 60, 2)}Z`;
}

/** As `timestamp`, with milliseconds. */
export function timestampMs(wallTimeMs: number): string {
  const ms = Math.floor(wallTimeMs);
  return `${timestamp(ms).slice(0, -1)}.${pad(((ms % 1000) + 1000) % 1000, 3)}Z`;
}

function pad(value: number, digits: number): string {
  return String(value).padStart(digits, '0');
}
