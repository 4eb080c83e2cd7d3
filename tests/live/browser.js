// Runs one script in a real browser that is logged in to n8n; the task comes on standard input, the answer goes out as one JSON line.
const fs = require('fs');
const path = require('path');
const os = require('os');

const task = JSON.parse(fs.readFileSync(0, 'utf8'));
const { chromium } = require(task.playwright);
const FLAGS = [
	'--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
	'--disable-background-networking', '--disable-component-update', '--disable-sync',
];

async function logIn(page) {
	await page.goto(`${task.url}/signin`);
	await page.fill('input[type=email], input[name=emailOrLdapLoginId]', task.email);
	await page.fill('input[type=password]', task.password);
	await page.keyboard.press('Enter');
	await page.waitForURL((url) => !url.toString().includes('signin'));
}

async function main() {
	const profile = fs.mkdtempSync(path.join(os.tmpdir(), 'browser-'));
	const context = await chromium.launchPersistentContext(profile, {
		executablePath: task.chromium, args: FLAGS, viewport: { width: 1600, height: 900 },
	});
	try {
		const page = context.pages()[0] ?? (await context.newPage());
		page.setDefaultTimeout(20000);
		await logIn(page);
		const shot = async (name) => {
			const file = path.join(task.folder, name);
			await page.screenshot({ path: file });
			return file;
		};
		const AsyncFunction = (async () => {}).constructor;
		const run = new AsyncFunction('page', 'url', 'input', 'shot', task.script);
		console.log(JSON.stringify((await run(page, task.url, task.input, shot)) ?? null));
	} finally {
		await context.close();
		fs.rmSync(profile, { recursive: true, force: true });
	}
}

main().catch((error) => {
	console.error(error);
	process.exit(1);
});
