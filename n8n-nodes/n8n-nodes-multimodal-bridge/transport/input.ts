import type { IDataObject, IExecuteFunctions } from 'n8n-workflow';
import { NodeOperationError } from 'n8n-workflow';
import type { Field, Step } from './contract';
import { OPTIONS } from './contract';
import { toInstant } from './times';

export interface BinaryPart {
	wire: string;
	property: string;
}

export interface StepInput {
	input: IDataObject;
	binaries: BinaryPart[];
}

type Rows = { values?: IDataObject[] } | undefined;

/** The step's input for one item, and the binary properties that go with it. */
export function readInput(this: IExecuteFunctions, step: Step, itemIndex: number): StepInput {
	const fields = step.fields[this.getNode().typeVersion] ?? [];
	const options = this.getNodeParameter(OPTIONS, itemIndex, {}) as IDataObject;
	const input: IDataObject = {};
	const binaries: BinaryPart[] = [];
	for (const field of fields) {
		if (!isShown.call(this, field, itemIndex)) continue;
		const value = readField.call(this, field, options, itemIndex);
		if (value === undefined) continue;
		if (field.kind === 'binary' && !isReference(value)) {
			binaries.push({ wire: field.wire, property: String(value) });
		} else {
			input[field.wire] = value as IDataObject;
		}
	}
	const extra = parseJson.call(this, options.extraInput ?? {}, 'Extra Input (JSON)', itemIndex);
	return { input: { ...input, ...(extra as IDataObject) }, binaries };
}

function isShown(this: IExecuteFunctions, field: Field, itemIndex: number): boolean {
	return Object.entries(field.when ?? {}).every(([param, values]) =>
		values.includes(this.getNodeParameter(param, itemIndex, '') as string),
	);
}

/** The value on the wire; undefined when the field is left empty, because absent is absent. */
function readField(
	this: IExecuteFunctions,
	field: Field,
	options: IDataObject,
	itemIndex: number,
): unknown {
	const given = field.inOptions
		? options[field.param]
		: this.getNodeParameter(field.param, itemIndex, undefined, {
				extractValue: field.kind === 'locator',
			});
	if (given === undefined || given === null) return undefined;
	const value = convert.call(this, field, given, itemIndex);
	return isEmpty(value) && !field.required ? undefined : value;
}

function convert(
	this: IExecuteFunctions,
	field: Field,
	given: unknown,
	itemIndex: number,
): unknown {
	switch (field.kind) {
		case 'json':
			return parseJson.call(this, given, field.param, itemIndex);
		case 'rows':
			return rowsOf(given).map((row) => toColumns(row, field.columns ?? {}));
		case 'numbers':
			return rowsOf(given).map((row) => row.value);
		case 'time':
			return toInstant(given, this.getTimezone());
		case 'locator':
			return typeof given === 'object' ? (given as IDataObject).value : given;
		default:
			return given;
	}
}

function rowsOf(given: unknown): IDataObject[] {
	if (Array.isArray(given)) return given as IDataObject[];
	return (given as Rows)?.values ?? [];
}

function toColumns(row: IDataObject, columns: Record<string, string>): IDataObject {
	const made: IDataObject = {};
	for (const [name, value] of Object.entries(row)) {
		if (!isEmpty(value)) made[columns[name] ?? name] = value;
	}
	return made;
}

function parseJson(
	this: IExecuteFunctions,
	value: unknown,
	label: string,
	itemIndex: number,
): unknown {
	if (typeof value !== 'string') return value;
	if (value.trim() === '') return undefined;
	try {
		return JSON.parse(value) as unknown;
	} catch {
		throw new NodeOperationError(this.getNode(), `The value of '${label}' is not valid JSON`, {
			itemIndex,
			description: 'Correct the JSON, or use an expression that gives an object',
		});
	}
}

function isEmpty(value: unknown): boolean {
	if (value === undefined || value === null || value === '') return true;
	if (Array.isArray(value)) return value.length === 0;
	return typeof value === 'object' && Object.keys(value as object).length === 0;
}

/** A file that the bridge already has is named by reference instead of sent again. */
function isReference(value: unknown): boolean {
	return typeof value === 'string' && /^(file:|blob:sha256:)/.test(value);
}
