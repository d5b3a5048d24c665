"""The recipes of the page on editors, run in the editors that are installed here."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from lint_support import REPOSITORY, write

from nequip_lint.toml import read_toml

pytest.importorskip("pygls", reason="the extra `server` is not installed")

PAGE = (REPOSITORY / "docs" / "how-to" / "editors.md").read_text(encoding="utf-8")
LIBRARY = "import fastops\n\n\ndef forward():\n    return fastops.multiply\n"


class Case(NamedTuple):
    """A project whose `pkg/mod.py` needs a registration, the file where that goes, and what goes there."""

    files: dict[str, str]
    place: str
    text: str


IN_SETTINGS = Case(
    {
        "pyproject.toml": '[tool.nequip-lint]\nroots = ["pkg.mod"]\ninternal-packages = ["pkg"]\n',
        "pkg/__init__.py": "",
        "pkg/mod.py": LIBRARY,
    },
    "pyproject.toml",
    'mock-modules = ["fastops"]\n',
)
IN_A_NEW_FILE = Case(
    {
        "pyproject.toml": '[project]\nname = "pkg"\nversion = "1"\ndependencies = ["nequip"]\n\n'
        '[project.entry-points."nequip.extension"]\ninit_always = "pkg"\n\n'
        '[tool.nequip-lint]\nroots = ["pkg.mod"]\n',
        "pkg/__init__.py": "",
        "pkg/mod.py": LIBRARY,
    },
    "pkg/_extern.py",
    'register_libraries_as_external_for_packaging(mock_modules=["fastops"])\n',
)
CASES = pytest.mark.parametrize("case", [IN_SETTINGS, IN_A_NEW_FILE], ids=["settings", "new file"])
COMMENT = "import fastops  # nequip-lint: ignore[NQ101] TODO: say why\n"
WAIT = 60
"""For an answer of the server, in seconds."""


def recipes(language: str) -> list[str]:
    """The blocks of the page in a language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


def edit(command: list[str], folder: Path) -> dict[str, Any]:
    """What an editor wrote into `answer.json`, started in a project with nequip-lint on the path."""
    path = os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]])  # noqa: PTH120  not resolved
    home = folder.parent / "home"
    home.mkdir()
    places = {name: str(home) for name in ("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME")}
    done = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, **places, "PATH": path},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=4 * WAIT,
    )
    answer = folder / "answer.json"
    assert answer.exists(), done.stdout + done.stderr
    found: dict[str, Any] = json.loads(answer.read_text())
    return found


NEOVIM = """
local wait = %d
vim.cmd("edit pkg/mod.py")
vim.wait(wait, function() return #vim.diagnostic.get(0) > 0 end, 50)
local codes = {}
for _, item in ipairs(vim.diagnostic.get(0)) do table.insert(codes, item.code) end
vim.api.nvim_win_set_cursor(0, { 1, 8 })

local titles, pick = {}, nil
vim.ui.select = function(items, options, choose)
  titles = {}
  for _, item in ipairs(items) do
    local title = options.format_item(item)
    table.insert(titles, title)
    if pick and title:find(pick, 1, true) then return choose(item, 1) end
  end
  choose(nil)
end
vim.lsp.buf.code_action()
vim.wait(wait, function() return #titles > 0 end, 50)
local offered = titles

local function act(title, is_done)
  pick = title
  vim.lsp.buf.code_action()
  vim.wait(wait, is_done, 50)
end
act("Register fastops", function() return vim.fn.bufnr("%s") > 0 end)
vim.cmd("wall")
act("Suppress NQ101", function() return vim.bo.modified end)
vim.cmd("wall")

local hover = {}
vim.lsp.buf_request(0, "textDocument/hover", vim.lsp.util.make_position_params(0, "utf-16"),
  function(_, result) hover = result and result.contents or {} end)
vim.wait(wait, function() return hover.value ~= nil end, 50)
local answer = { codes = codes, titles = offered, hover = hover.value or "" }
vim.fn.writefile({ vim.fn.json_encode(answer) }, "answer.json")
vim.cmd("qall!")
"""


def neovim() -> tuple[str, tuple[int, int]]:
    """Where Neovim is, and its version; skips where it is not installed."""
    path = shutil.which("nvim")
    if path is None:
        pytest.skip("Neovim is not installed")
    told = subprocess.run([path, "--version"], capture_output=True, text=True, check=True).stdout
    version = re.search(r"v(\d+)\.(\d+)", told)
    assert version is not None
    return path, (int(version[1]), int(version[2]))


@CASES
def test_neovim(case: Case, tmp_path: Path) -> None:
    path, version = neovim()
    folder = write(tmp_path / "project", case.files)
    newer, older = recipes("lua")
    recipe = folder.parent / "init.lua"
    recipe.write_text((newer if version >= (0, 11) else older) + "vim.cmd('filetype on')\n")
    (folder.parent / "test.lua").write_text(NEOVIM % (WAIT * 1000, case.place))
    answer = edit([path, "--headless", "-n", "-u", str(recipe), "-S", "../test.lua"], folder)
    check(answer, folder, case)
    assert answer["hover"].startswith("# ")
    assert "(NQ" in answer["hover"].splitlines()[0]


EMACS = r"""
(require 'json)
(require 'seq)
(defun wait-for (is-done)
  (let ((end (+ (float-time) %d)))
    (while (and (not (funcall is-done)) (< (float-time) end))
      (accept-process-output nil 0.05)
      (run-hooks 'post-command-hook))))
(setq make-backup-files nil)
(find-file "pkg/mod.py")
(run-hooks 'post-command-hook)
(wait-for #'eglot-managed-p)
(flymake-mode 1)
(flymake-start)
(wait-for #'flymake-diagnostics)
(setq codes (mapcar #'flymake-diagnostic-text (flymake-diagnostics)))
(goto-char (point-min))
(forward-char 8)
(setq titles nil pick nil)
(defun act (title is-done)
  (setq pick title)
  (cl-letf (((symbol-function 'completing-read)
             (lambda (_prompt choices &rest _)
               (setq titles (mapcar (lambda (one) (if (consp one) (car one) one)) choices))
               (seq-find (lambda (one) (string-match-p pick one)) titles))))
    (call-interactively #'eglot-code-actions))
  (wait-for is-done))
(setq last-nonmenu-event ?x  ; asked by keys, not by the mouse
      asked nil)
(fset 'y-or-n-p (lambda (question) (setq asked question) t))
(act "Register fastops" (lambda () (get-file-buffer "../%s")))
(setq offered titles)
(save-some-buffers t)
(act "Suppress NQ101" #'buffer-modified-p)
(save-buffer)
(with-temp-file "../answer.json"
  (insert (json-encode `((codes . ,(vconcat codes))
                         (titles . ,(vconcat offered))
                         (asked . ,asked)))))
(kill-emacs 0)
"""


@CASES
def test_emacs(case: Case, tmp_path: Path) -> None:
    path = shutil.which("emacs")
    if path is None:
        pytest.skip("Emacs is not installed")
    has_eglot = [path, "--batch", "--eval", "(unless (require 'eglot nil t) (kill-emacs 1))"]
    if subprocess.run(has_eglot, capture_output=True, check=False).returncode:
        pytest.skip("this Emacs has no eglot")
    folder = write(tmp_path / "project", case.files)
    (recipe,) = recipes("elisp")
    (folder.parent / "init.el").write_text(recipe)
    (folder.parent / "test.el").write_text(EMACS % (WAIT, case.place))
    answer = edit([path, "--batch", "-l", "../init.el", "-l", "../test.el"], folder)
    check(answer, folder, case)
    assert case.place in answer["asked"]


def check(answer: dict[str, Any], folder: Path, case: Case) -> None:
    """Both findings were told, and two code actions were carried out and saved."""
    assert len(answer["codes"]) == 2
    titles = [title for title in answer["titles"] if title]
    assert [title for title in titles if "Register fastops as mock" in title]
    assert [title for title in titles if "Suppress NQ101" in title]
    assert case.text in (folder / case.place).read_text()
    assert (folder / "pkg" / "mod.py").read_text().startswith(COMMENT)


def test_the_recipes_that_no_editor_runs_are_well_formed(tmp_path: Path) -> None:
    (helix,) = recipes("toml")
    found = read_toml(write(tmp_path, {"languages.toml": helix}) / "languages.toml")
    assert found["language-server"]["nequip-lint"] == {"command": "nequip-lint", "args": ["server"]}
    (settings,) = recipes("json")
    assert json.loads(settings)["glspc.server.commandArguments"] == ["server"]
