#!/usr/bin/env bash
# riata report -o PAGE.html draws from the result file alone one page that is well-formed, needs
# nothing from elsewhere, says what the tables say, survives any name, and stays small; a browser,
# where there is one, shows it on a phone without scrolling sideways.
set -euo pipefail
# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$0")/lib.sh"
use_python h5py numpy

# page NAME RESULT: the page and the tables of a result, checked against each other.
page() {
  expect_done "$RIATA" report "$2" -o "pages/$1.html"
  expect_done "$RIATA" report "$2" -o "tables/$1" --quiet
  cmp -s "pages/$1.html" "tables/$1.html" || wrong "$1: two ways to the page, two pages"
  "$PYTHON" "$RIATA_SOURCE/tests/e2e/check_page.py" "pages/$1.html" "tables/$1" ||
    wrong "the page of $1"
}

"$RIATA" simulate -n 80 -p 300 --support 5 --seed 3 -o plain.h5
"$RIATA" simulate --kind genotype -n 90 -p 200 --support 5 --seed 4 -o genotype.h5
"$PYTHON" - <<'END'
import csv, random
random.seed(7)
names = ['<script>alert(1)</script>', 'a&b "c"', "Ångström-β/γ'", 'عربي', '\u202eevil', 'x' * 300, 'tab']
with open("odd.csv", "w", newline="", encoding="utf-8") as f:
    out = csv.writer(f)
    out.writerow(names + ["y <&> 'é'"])
    for i in range(60):
        x = [random.gauss(0, 1) for _ in names]
        out.writerow(x + [sum(x) + random.gauss(0, 0.5)])
with open("class.csv", "w", newline="", encoding="utf-8") as f:
    out = csv.writer(f)
    out.writerow([f"g{j}" for j in range(12)] + ["ill"])
    for i in range(90):
        x = [random.gauss(0, 1) for _ in range(12)]
        out.writerow(x + ["yes" if x[0] - x[3] + random.gauss(0, 0.7) > 0 else "no"])
END
expect_done "$RIATA" import class.csv --response ill -o class.h5
expect_done "$RIATA" import odd.csv --response "y <&> 'é'" -o odd.h5
"$PYTHON" -c 'import h5py
print("IID", "site <b>", sep="\t")
for i, name in enumerate(h5py.File("odd.h5")["samples/id"].asstr()):
    print(name, "north&south" if i % 3 else "<i>", sep="\t")' >covar.tsv

expect_done "$RIATA" cv plain.h5 --folds 4 --alphas 40 -o out/cv
expect_done "$RIATA" cv plain.h5 --folds 4 --alphas 30 --l1-ratio 1,0.5,0.2 --select ebic -o out/ratios
expect_done "$RIATA" cv genotype.h5 --folds 3 --alphas 25 --early-stop -o out/genotype
expect_done "$RIATA" cv odd.h5 --folds 3 --alphas 20 --covar covar.tsv --covar-name 'site <b>' --select 1se -o out/odd
expect_done "$RIATA" cv class.h5 --family binomial --folds 3 --alphas 20 -o out/class
expect_done "$RIATA" cv class.h5 --family binomial --metric auc --folds 3 --alphas 20 -o out/auc
expect_done "$RIATA" cv plain.h5 --folds 4 --repeats 2 --test-fraction 0.2 --alphas 20 -o out/repeats
expect_done "$RIATA" path plain.h5 --alphas 30 -o out/path
expect_done "$RIATA" path plain.h5 --alphas 300 --l1-ratio 0.1 --eps 0.001 -o out/large
expect_done "$RIATA" fit plain.h5 --alpha 0.1 -o out/fit
expect_error 2 'missed --tol' "$RIATA" cv plain.h5 --folds 3 --alphas 5 --tol 1e-300 -o out/loose
for name in cv ratios genotype odd class auc repeats path large fit loose; do
  page "$name" "out/$name"
done
expect_text 'Not certified\.' pages/loose.html
expect_text '&lt;script&gt;alert\(1\)&lt;/script&gt;' pages/odd.html
expect_text '<h2 id="covariates">' pages/odd.html
expect_text 'test samples, kept out of everything' pages/repeats.html
expect_text '2 x 4 folds' pages/repeats.html
expect_text 'the deviance is' pages/class.html
expect_text 'Counted / other allele' pages/genotype.html
[ "$(wc -c <pages/large.html)" -lt 1500000 ] || wrong "a large page: $(wc -c <pages/large.html) bytes"

# A page that cannot be written leaves none, and no half of one.
expect_error 1 'out/none' "$RIATA" report out/none -o pages/nowhere.html
expect_error 1 'plain.h5' "$RIATA" report out/cv -o plain.h5/page.html
[ ! -e pages/nowhere.html ] || wrong 'a page without a result'
find . -name '*.tmp*' | grep . && wrong 'temporary files are left'

# A browser lays the pages out at the width of a phone, in frames of one page.
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
if [ -z "$browser" ]; then
  printf 'no browser here: the pages are not shown\n'
  finish
  exit 0
fi
"$PYTHON" - cv ratios genotype odd loose <<'END'
import html, sys
frame = '<iframe width="390" height="800" style="border:0" srcdoc="%s"></iframe>'
with open("frames.html", "w", encoding="utf-8") as out:
    out.write('<!DOCTYPE html><html><head><meta charset="utf-8"></head><body>')
    for name in sys.argv[1:]:
        out.write(frame % html.escape(open(f"pages/{name}.html", encoding="utf-8").read()))
    out.write("""<script>onload = function () {
      for (const frame of document.querySelectorAll("iframe")) {
        const root = frame.contentDocument.documentElement;
        document.title += " " + [frame.contentWindow.innerWidth, root.scrollWidth - root.clientWidth,
                                 frame.contentDocument.querySelectorAll("section").length].join(",");
      } }</script></body></html>""")
END
timeout 200 "$browser" --headless --no-sandbox --disable-gpu --disable-quic --no-first-run \
  --disable-background-networking --disable-component-update --disable-sync \
  --user-data-dir="$WORK/browser" --dump-dom "file://$PWD/frames.html" >dom.html 2>/dev/null || true
widths=$(sed -n 's|.*<title> *\([0-9, -]*\)</title>.*|\1|p' dom.html)
[ "$(wc -w <<<"$widths")" -eq 5 ] || wrong "the browser shows '$widths' of 5 pages"
for one in $widths; do
  [[ $one =~ ^390,0,([89]|1[0-9])$ ]] || wrong "on a phone: width, pixels too wide, sections: $one"
done
finish
