// Makes docs/report.png from the Markdown on standard input: a page as GitHub shows it, in headless Chromium.
import { readFileSync, writeFileSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";

const [folder, out] = process.argv.slice(2);
const require = createRequire(folder + "/node_modules/");
const markdown = require("markdown-it")({ html: true, breaks: true });
const css = readFileSync(require.resolve("github-markdown-css/github-markdown-light.css"), "utf8");
const titles = { CAUTION: "#d1242f", WARNING: "#9a6700", NOTE: "#0969da" };
const body = markdown
  .render(readFileSync(0, "utf8"))
  .replace(/<blockquote>\s*<p>\[!(\w+)\]<\/p>|<blockquote>\s*<p>\[!(\w+)\]<br>\s*/g, (_, a, b) => {
    const kind = a ?? b;
    const name = kind[0] + kind.slice(1).toLowerCase();
    return `<blockquote style="border-left-color:${titles[kind]}"><p style="color:${titles[kind]};font-weight:500">${name}</p>`;
  })
  .replaceAll("<li>[x] ", '<li class="task"><input type="checkbox" checked disabled> ')
  .replaceAll("<li>[ ] ", '<li class="task"><input type="checkbox" disabled> ');
const style = `body{margin:0;padding:16px;background:#fff}
.box{border:1px solid #d1d9e0;border-radius:6px;width:866px}
.head{background:#f6f8fa;border-bottom:1px solid #d1d9e0;border-radius:6px 6px 0 0;padding:8px 16px;font:14px sans-serif;color:#59636e}
.head b{color:#1f2328} .markdown-body{padding:16px;font-size:14px} .markdown-body blockquote{color:#1f2328} .task{list-style:none}
.markdown-body pre,.markdown-body details{margin-bottom:12px}`;
const page = `<!doctype html><meta charset="utf-8"><style>${css}${style}</style>
<div class="box"><div class="head"><b>github-actions</b> bot commented</div><div class="markdown-body">${body}</div></div>`;
writeFileSync(folder + "/page.html", page);
const height = process.env.HEIGHT ?? "955";
execFileSync("chromium", ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", `--window-size=900,${height}`,
  `--screenshot=${out}`, `file://${folder}/page.html`], { stdio: "ignore", timeout: 120000 });
