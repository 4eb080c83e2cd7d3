const WITHOUT_ZONE = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?$/;

/**
 * A moment with its zone. The editor's picker gives a local time without one, which means the
 * workflow's time zone; expressions give strings, dates or Luxon's objects.
 */
export function toInstant(value: unknown, timezone: string): unknown {
	if (value instanceof Date) return value.toISOString();
	if (typeof (value as { toISO?: unknown })?.toISO === 'function') {
		return (value as { toISO: () => string }).toISO();
	}
	if (typeof value !== 'string' || !WITHOUT_ZONE.test(value)) return value;
	const asUtc = Date.parse(`${value}Z`);
	// The offset at the moment itself may differ from the one at the first guess, around a change of clocks.
	const guess = asUtc - offset(asUtc, timezone);
	return new Date(asUtc - offset(guess, timezone)).toISOString();
}

/** How far the zone's clock is ahead of UTC at a moment, in milliseconds. */
function offset(moment: number, timezone: string): number {
	const parts = new Intl.DateTimeFormat('en-US', {
		timeZone: timezone,
		hourCycle: 'h23',
		year: 'numeric',
		month: 'numeric',
		day: 'numeric',
		hour: 'numeric',
		minute: 'numeric',
		second: 'numeric',
	}).formatToParts(moment);
	const part = (type: string) => Number(parts.find((each) => each.type === type)?.value);
	const local = Date.UTC(
		part('year'),
		part('month') - 1,
		part('day'),
		part('hour'),
		part('minute'),
		part('second'),
	);
	return local - Math.floor(moment / 1000) * 1000;
}
