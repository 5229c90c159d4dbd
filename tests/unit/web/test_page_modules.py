from pathlib import Path

import pytest

from app.web.page_modules import imported_modules


def write_modules(folder: Path, modules: dict[str, str]) -> Path:
    for name, text in modules.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return folder


def test_all_imports_of_a_module_are_named_once_in_the_order_of_loading(tmp_path: Path):
    static = write_modules(
        tmp_path,
        {
            "js/pages/page.js": 'import { a } from "../lib/a.js";\nimport {\n  b,\n  c,\n} from "../lib/b.js";\n',
            "js/lib/a.js": '// "./text.js"\nexport { b } from "./b.js";\nconst later = () => import("./later.js");\n',
            "js/lib/b.js": 'import "./effect.js";\nimport { io } from "../../node_modules/io/io.js";\n',
            "js/lib/effect.js": "",
        },
    )
    found = imported_modules(static, "js/pages/page.js")
    assert found == ("js/lib/a.js", "js/lib/b.js", "js/lib/effect.js", "node_modules/io/io.js")


def test_a_module_that_does_not_exist_is_an_error(tmp_path: Path):
    static = write_modules(tmp_path, {"js/page.js": 'import "./missing.js";'})
    with pytest.raises(FileNotFoundError):
        imported_modules(static, "js/page.js")
