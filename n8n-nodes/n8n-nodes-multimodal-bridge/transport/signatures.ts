import { createHmac, randomBytes, timingSafeEqual } from 'crypto';

const TOLERANCE_SECONDS = 300;
const PREFIX = 'whsec_';

/** A fresh secret in the form of the Standard Webhooks specification. */
export function newSecret(): string {
	return PREFIX + randomBytes(32).toString('base64');
}

/** Whether the headers sign this raw body with this secret, within the tolerance, as Standard Webhooks says. */
export function isSigned(
	secret: string,
	headers: Record<string, string | string[] | undefined>,
	rawBody: Buffer | string,
	now: number = Date.now(),
): boolean {
	const id = single(headers['webhook-id']);
	const timestamp = single(headers['webhook-timestamp']);
	const signatures = single(headers['webhook-signature']);
	if (!secret.startsWith(PREFIX) || !id || !signatures || !/^\d{1,12}$/.test(timestamp))
		return false;
	if (Math.abs(now / 1000 - Number(timestamp)) > TOLERANCE_SECONDS) return false;
	const key = Buffer.from(secret.slice(PREFIX.length), 'base64');
	if (key.length === 0) return false;
	const expected = createHmac('sha256', key).update(`${id}.${timestamp}.`).update(rawBody).digest();
	return signatures.split(' ').some((each) => {
		const [version, encoded] = each.split(',');
		const actual = Buffer.from(encoded ?? '', 'base64');
		return (
			version === 'v1' && actual.length === expected.length && timingSafeEqual(expected, actual)
		);
	});
}

function single(header: string | string[] | undefined): string {
	return typeof header === 'string' ? header : '';
}
