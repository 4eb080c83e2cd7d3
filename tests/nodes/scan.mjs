// n8n's own analysis of community packages, on a local folder: its command asks a registry, and exits 0 on failure.
import { analyzePackage, SOURCE_FILE_PATTERNS } from '@n8n/scan-community-package/scanner/scanner.mjs';

const [, , folder, kind] = process.argv;
const patterns = kind === 'source' ? SOURCE_FILE_PATTERNS : ['**/*.js', 'package.json'];
const { passed, message, details } = await analyzePackage(folder, patterns);
console.log(passed ? 'PASSED' : `FAILED ${message}`);
if (details) console.log(details);
process.exitCode = passed ? 0 : 1;
