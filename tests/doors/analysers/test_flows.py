"""Values from outside are followed through variables to dangerous calls, in four languages."""

import pytest

from bridge.doors.analysers.code.sources import parse
from bridge.doors.analysers.code.taint import flows


def found(language, code):
    return [(each.start_line, each.rule_id.partition("flow-")[2]) for each in flows(parse(code, language))[0]]


PYTHON = """
def view():
    {lines}
"""
JAVASCRIPT = """
app.get('/', async (req, res) => {{
    {lines}
}});
"""
GO = """
func h(w http.ResponseWriter, r *http.Request) {{
    {lines}
}}
"""
JAVA = """
class A {{ void doGet(HttpServletRequest request, HttpServletResponse response) {{
    {lines}
}} }}
"""
LANGUAGES = {"python": PYTHON, "javascript": JAVASCRIPT, "typescript": JAVASCRIPT, "go": GO, "java": JAVA}

REACHED = [
    ("python", "a = request.args['q']\n    b = 'ls ' + a\n    os.system(b)", "command"),
    ("python", "q = f\"select {request.form['x']}\"\n    cur.execute(q)", "sql"),
    ("python", "for x in request.args.getlist('f'):\n        open(x)", "path"),
    ("python", "if ok:\n        u = 'x'\n    else:\n        u = request.args.get('u')\n    requests.get(u)", "request"),
    (
        "javascript",
        "const { id } = req.params;\n    const q = 'select * from t where id=' + id;\n    db.query(q);",
        "sql",
    ),
    ("javascript", "let f = req.query.f;\n    fs.readFile(path.resolve(f), cb);", "path"),
    ("javascript", "const t = location.hash.slice(1);\n    el.innerHTML = t;", "markup"),
    ("typescript", "const c: string = req.body.cmd;\n    exec(`ls ${c}`);", "command"),
    ("go", 'id := r.URL.Query().Get("id")\n    q := fmt.Sprintf("select %s", id)\n    db.Query(q)', "sql"),
    ("go", 'c := r.FormValue("c")\n    exec.Command("sh", "-c", c).Run()', "command"),
    ("go", 'u := r.FormValue("u")\n    http.Get(u)', "request"),
    ("java", 'String id = request.getParameter("id");\n    String q = "select " + id;\n    st.executeQuery(q);', "sql"),
    ("java", 'String f = request.getHeader("f");\n    new File("/data/" + f);', "path"),
    ("java", 'response.getWriter().println(request.getParameter("n"));', "markup"),
]
SAFE = [
    ("python", "n = int(request.args['n'])\n    os.system(f'echo {n}')"),
    ("python", "cur.execute('select ?', (request.args['q'],))"),
    ("python", "a = request.args['q']\n    a = 'fixed'\n    os.system(a)"),
    ("python", "os.system('ls ' + shlex.quote(request.args['d']))"),
    ("python", "x = 1 if request.args.get('q') else 2\n    os.system(f'echo {x}')"),
    ("javascript", "db.query('select ?', [req.query.id]);"),
    ("javascript", "const n = parseInt(req.query.n);\n    db.query('select ' + n);"),
    ("javascript", "if (req.query.a === 'x') { exec('ls'); }"),
    ("typescript", "res.json({ q: req.query.q });"),
    ("go", 'id := r.FormValue("id")\n    db.Query("select * from t where id=?", id)'),
    ("go", 'n, _ := strconv.Atoi(r.FormValue("n"))\n    db.Query(fmt.Sprintf("select %d", n))'),
    ("java", 'int n = Integer.parseInt(request.getParameter("n"));\n    st.executeQuery("select " + n);'),
    (
        "java",
        'String id = request.getParameter("id");\n    PreparedStatement p = c.prepareStatement("select ?");\n    p.setString(1, id);',
    ),
]


@pytest.mark.parametrize(("language", "lines", "sink"), REACHED)
def test_a_value_from_outside_is_followed_to_the_sink(language, lines, sink):
    assert sink in [name for _, name in found(language, LANGUAGES[language].format(lines=lines))]


@pytest.mark.parametrize(("language", "lines"), SAFE)
def test_cleaned_or_bound_values_are_left_alone(language, lines):
    assert found(language, LANGUAGES[language].format(lines=lines)) == []


def test_a_handlers_parameters_are_values_from_outside():
    code = "@app.route('/<name>')\ndef view(name):\n    open(name)\n\ndef inner(name):\n    open(name)\n"
    assert found("python", code) == [(3, "path")]


def test_a_rule_keeps_silent_where_the_values_are_known_to_be_harmless():
    _, cleared = flows(parse("def f():\n    n = 3\n    os.system(f'echo {n}')\n    os.system(f'echo {x}')\n", "python"))
    assert cleared == {3}
