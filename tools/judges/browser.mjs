// Opens a page in Chromium and prints, as JSON, what its scripts find out. Arguments: the page's URL, a script that
// returns a promise, and rules that map names to addresses.
import chromium from "@sparticuz/chromium";
import puppeteer from "puppeteer-core";

const [url, script, rules] = process.argv.slice(2);
const browser = await puppeteer.launch({
  executablePath: await chromium.executablePath(),
  args: [...chromium.args.filter((argument) => argument !== "--disable-web-security"), `--host-resolver-rules=${rules}`],
  headless: "shell",
});
try {
  const page = await browser.newPage();
  await page.goto(url);
  console.log(JSON.stringify(await page.evaluate(script)));
} finally {
  await browser.close();
}
