// Makes pictures of a comment from the Markdown on standard input: a page as GitHub shows it, in headless Chromium.
// node make.mjs FOLDER OUT.png [light|dark] [WIDTH]: FOLDER has github-markdown-css and markdown-it in its node_modules.
import { readFileSync, writeFileSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { createRequire } from "node:module";

const [folder, out, theme = "light", width = "830"] = process.argv.slice(2);
const require = createRequire(folder + "/node_modules/");
const markdown = require("markdown-it")({ html: true, breaks: true });
const css = readFileSync(require.resolve(`github-markdown-css/github-markdown-${theme}.css`), "utf8");
const body = markdown
  .render(readFileSync(0, "utf8"))
  .replaceAll("<li>[x] ", '<li class="task"><input type="checkbox" checked disabled> ')
  .replaceAll("<li>[ ] ", '<li class="task"><input type="checkbox" disabled> ');
const colours = theme === "dark" ? ["#0d1117", "#3d444d", "#151b23", "#9198a1", "#f0f6fc"] : ["#fff", "#d1d9e0", "#f6f8fa", "#59636e", "#1f2328"];
const [page, line, head, soft, strong] = colours;
const style = `body{margin:0;padding:16px;background:${page}}
.box{border:1px solid ${line};border-radius:6px}
.head{background:${head};border-bottom:1px solid ${line};border-radius:6px 6px 0 0;padding:8px 16px;font:14px sans-serif;color:${soft}}
.head b{color:${strong}} .markdown-body{padding:16px;font-size:14px;overflow-wrap:break-word} .task{list-style:none}
.markdown-body table{display:block;overflow:auto} .markdown-body pre,.markdown-body details{margin-bottom:12px}`;
const text = `<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width"><style>${css}${style}</style>
<div class="box"><div class="head"><b>cargo2-bot</b> commented</div><div class="markdown-body">${body}</div></div>
<script>document.title = "height " + document.documentElement.scrollHeight</script>`;
writeFileSync(folder + "/page.html", text);
const chromium = (...more) =>
  execFileSync(process.env.CHROMIUM ?? "chromium", ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", ...more, `file://${folder}/page.html`], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
    timeout: 120000,
  });
const height = /<title>height (\d+)/.exec(chromium(`--window-size=${width},200`, "--dump-dom"))?.[1] ?? "955";
chromium(`--window-size=${width},${height}`, `--screenshot=${out}`);
