"""A template that uses everything the compiler can draw, with steps that are really there."""

SHOWCASE = {
    "name": "Showcase",
    "description": "Everything the compiler can draw: conditions, a group, a branch, an approval, gates and references.",
    "params": {"greeting": {"type": "string", "default": 'Say "hello" to {{ everyone }}'}},
    "triggers": ["git_push", {"type": "schedule", "config": {"cron": "0 3 * * *"}}],
    "steps": [
        {"id": "first", "name": 'Read "It"', "type": "multimodal_analysis", "config": {"text": "${{ params.greeting }}"},
         "timeout": 120, "retry": {"max_tries": 3, "wait": 2}},
        {"id": "left", "name": "Look Left", "type": "multimodal_analysis", "config": {"text": "a = 1"}, "after": ["first"]},
        {"id": "right", "name": "Look Right", "type": "multimodal_analysis", "after": ["first"],
         "config": {"text": "Run ${{ steps.first.run_id }} on ${{ event.branch }}"}},
        {"id": "maybe", "name": "Maybe Look Again", "type": "multimodal_analysis", "config": {"text": "b = 2"},
         "after": ["left", "right"], "when": "has(steps.left.analysis)", "on_error": "continue"},
        {"id": "report", "name": "Write It Down", "type": "report_generation", "config": {"title": "Showcase"},
         "after": ["maybe"]},
    ],
    "conditions": {"min_changes": 0, "rules": [{"after": "first", "if": "result.success"}]},
}  # fmt: skip

APPROVAL = {
    "id": "ask", "name": "Ask a Person", "type": "approval", "after": ["maybe"],
    "config": {"title": "Ship it?", "message": "Findings: ${{ steps.first.run_id }}", "timeout": 3600},
}  # fmt: skip


def with_approval():
    """The showcase with a person in it; such an execution does not end by itself."""
    steps = [*SHOWCASE["steps"][:4], APPROVAL, {**SHOWCASE["steps"][4], "after": ["ask"]}]
    return {**SHOWCASE, "steps": steps}
