// Local times become moments.
import assert from 'node:assert/strict';
import test from 'node:test';
import { transport } from './context.mjs';

const { toInstant } = transport('times');

for (const [given, zone, expected] of [
	['2026-01-15T12:00:00', 'Europe/Berlin', '2026-01-15T11:00:00.000Z'],
	['2026-07-15T12:00:00', 'Europe/Berlin', '2026-07-15T10:00:00.000Z'],
	['2026-03-29T03:30:00', 'Europe/Berlin', '2026-03-29T01:30:00.000Z'],
	['2026-10-25T01:30:00', 'Europe/Berlin', '2026-10-24T23:30:00.000Z'],
	['2026-01-15T12:00', 'America/New_York', '2026-01-15T17:00:00.000Z'],
	['2026-01-15T12:00:00Z', 'Europe/Berlin', '2026-01-15T12:00:00Z'],
	['2026-01-15T12:00:00+05:30', 'Europe/Berlin', '2026-01-15T12:00:00+05:30'],
	['tomorrow', 'Europe/Berlin', 'tomorrow'],
]) {
	test(`${given} in ${zone}`, () => assert.equal(toInstant(given, zone), expected));
}

test('dates and Luxon objects are taken as they are', () => {
	assert.equal(toInstant(new Date(0), 'Europe/Berlin'), '1970-01-01T00:00:00.000Z');
	assert.equal(toInstant({ toISO: () => 'iso' }, 'Europe/Berlin'), 'iso');
});
