/// How the report looks: by day, by night, on a telephone and on paper.
enum ReportStyle {
  static let sheet = """
    :root { color-scheme: light dark; --ink: #1a1a1a; --paper: #ffffff; --soft: #5a5a5a; --line: #d5d5d5; --band: #f4f5f7;
      --good: #00664a; --warn: #9a4400; --bad: #a01818; --link: #00508a; }
    @media (prefers-color-scheme: dark) {
      :root { --ink: #e8e8e8; --paper: #16181c; --soft: #a8a8a8; --line: #3a3e46; --band: #1f2229;
        --good: #57c9a0; --warn: #ffa45c; --bad: #ff8a80; --link: #7cc0f5; }
    }
    * { box-sizing: border-box; }
    body { margin: 0 auto; padding: 1rem; max-width: 70rem; font: 1rem/1.5 system-ui, sans-serif; color: var(--ink);
      background: var(--paper); overflow-wrap: break-word; }
    h1 { font-size: 1.7rem; line-height: 1.2; margin: .5rem 0; }
    h2 { font-size: 1.25rem; margin: 2.2rem 0 .6rem; padding-top: .6rem; border-top: 1px solid var(--line); }
    h3 { font-size: 1.05rem; margin: 1.4rem 0 .4rem; }
    p { margin: .5rem 0; max-width: 48rem; }
    a { color: var(--link); }
    nav { display: flex; flex-wrap: wrap; gap: .2rem 1rem; }
    .soft, figcaption { color: var(--soft); }
    .warning { border-left: .3rem solid var(--warn); background: var(--band); padding: .5rem .8rem; margin: .6rem 0; }
    .wide { overflow-x: auto; margin: .6rem 0; }
    table { border-collapse: collapse; font-size: .88rem; min-width: 20rem; }
    th, td { padding: .25rem .6rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
    th { background: var(--band); font-weight: 600; }
    .n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
    .used { color: var(--good); } .flagged { color: var(--warn); } .unused, .rejected { color: var(--bad); }
    .flagged, .unused, .rejected { white-space: nowrap; }
    figure { margin: .8rem 0; }
    figure svg, figure img { display: block; width: 100%; height: auto; max-width: 50rem; background: #fff; border-radius: .3rem; }
    figcaption { font-size: .88rem; margin-top: .3rem; max-width: 48rem; }
    td img { display: block; width: 8rem; height: auto; image-rendering: pixelated; }
    .grid { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); gap: 0 1.5rem; }
    .answers { background: var(--band); padding: .6rem .8rem; border-radius: .3rem; }
    .answers dt { color: var(--ink); font-weight: 600; }
    dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; margin: .6rem 0; }
    dt { color: var(--soft); } dd { margin: 0; }
    details { margin: .6rem 0; } summary { cursor: pointer; font-weight: 600; }
    code, pre { font: .85rem/1.4 ui-monospace, monospace; } pre { overflow-x: auto; background: var(--band); padding: .6rem; }
    @media (max-width: 40rem) { body { padding: .6rem; } dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .4rem; } }
    @media print {
      :root { --ink: #000; --paper: #fff; --soft: #444; --line: #bbb; --band: #f2f2f2; --good: #00664a; --warn: #9a4400; --bad: #a01818; }
      body { max-width: none; padding: 0; font-size: 9.5pt; } nav { display: none; } h2 { break-after: avoid; }
      figure, tr { break-inside: avoid; } .wide { overflow: visible; } table { font-size: 8pt; }
    }
    """
}
