// Opens a page in Chromium and prints, as JSON, what its scripts find out. Arguments: the page's URL, a script that
// returns a promise, and rules that map names to addresses.
import chromium from "@sparticuz/chromium";
import puppeteer from "puppeteer-core";

const [url, script, rules] = process.argv.slice(2);
// Chromium does not support a single process outside of tests of its own, and rarely crashes at the start with it. The package
// sets it for AWS Lambda.
const unwanted = new Set(["--disable-web-security", "--single-process"]);
const options = {
  executablePath: await chromium.executablePath(),
  args: [...chromium.args.filter((argument) => !unwanted.has(argument)), `--host-resolver-rules=${rules}`],
  headless: "shell",
};
const launch = () => puppeteer.launch(options); // with a new profile each time
const browser = await launch().catch((error) => {
  console.error(`launched again: ${error.message}`);
  return launch(); // once, because a signal at the start says nothing about the emulator; the page is never opened twice
});
try {
  const page = await browser.newPage();
  await page.goto(url);
  console.log(JSON.stringify(await page.evaluate(script)));
} finally {
  await browser.close();
}
