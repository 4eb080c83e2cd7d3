import type { IDataObject, INode, JsonObject } from 'n8n-workflow';
import { NodeApiError } from 'n8n-workflow';
import type { Problem, Run } from './contract';

/** An error for the node panel: what happened as its message, where and what else is known below it. */
export function problemError(
	node: INode,
	problem: Problem,
	status: number | undefined,
	itemIndex?: number,
): NodeApiError {
	const message =
		problem.message ??
		problem.detail ??
		problem.title ??
		(status ? `The bridge answered with status ${status}` : 'The bridge gave no reason');
	const error = new NodeApiError(
		node,
		{},
		{
			httpCode: status ? String(status) : undefined,
			message: String(message),
			description: explanation(problem, String(message)),
			itemIndex,
		},
	);
	// n8n replaces messages in which it sees a network error code; the bridge's own words stay.
	error.message = String(message);
	error.context.problem = details(problem, status);
	return error;
}

/** The error of a run that did not complete. */
export function runError(node: INode, run: Run, itemIndex?: number): NodeApiError {
	const problem: Problem = run.error ?? {
		message:
			run.status === 'canceled'
				? `The run ${run.id} was canceled`
				: `The run ${run.id} ended with the status '${run.status}'`,
	};
	return problemError(node, { run_id: run.id, ...problem }, problem.status, itemIndex);
}

/** What an item carries instead of a result when the node continues on error. */
export function errorJson(error: Error): IDataObject {
	const { description, httpCode, context } = error as NodeApiError;
	const problem = (context?.problem ?? {}) as IDataObject;
	const shown: IDataObject = { ...problem };
	if (httpCode && shown.status === undefined) shown.status = Number(httpCode);
	if (description) shown.description = description;
	// Without further keys: n8n sends exactly such items to the error output.
	return { error: error.message, details: shown };
}

/** The error of whatever was thrown; what is already an error of the bridge stays as it is. */
export function asApiError(node: INode, thrown: unknown, itemIndex: number): NodeApiError {
	return new NodeApiError(node, thrown as JsonObject, { itemIndex });
}

function explanation(problem: Problem, message: string): string | undefined {
	const lines = (problem.issues ?? [])
		.filter((issue) => issue.message && !message.includes(issue.message))
		.map((issue) => (issue.where ? `${issue.where}: ${issue.message}` : String(issue.message)));
	if (problem.upstream?.message) lines.push(`It was told: ${problem.upstream.message}`);
	if (!lines.length && problem.title && problem.title !== message) lines.push(problem.title);
	return lines.length ? lines.join('\n') : undefined;
}

function details(problem: Problem, status: number | undefined): IDataObject {
	const kept: IDataObject = {};
	for (const key of ['code', 'title', 'issues', 'retryable', 'run_id', 'upstream']) {
		if (problem[key] !== undefined) kept[key] = problem[key];
	}
	const known = status ?? problem.status;
	if (known !== undefined) kept.status = known;
	return kept;
}
