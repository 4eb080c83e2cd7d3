"""multimodal_analysis."""


async def test_text_comes_back_as_one_segment(try_step):
    result = await try_step("multimodal_analysis", {"text": "eval(input())"})
    assert result["success"]
    assert result["analysis"]["documents"][0]["segments"][0]["text"] == "eval(input())"
