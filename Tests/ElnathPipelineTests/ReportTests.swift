import ElnathCore
import Testing

@testable import ElnathPipeline

@Suite("report: one page")
struct ReportTests {
  @Test("text of headers is never markup")
  func textOfHeadersIsNeverMarkup() {
    let name = "<script>alert(\"1\")</script> & 'x'\u{1B}[31m\u{202E}\nend"
    let html: HTML = "<p>\(name)</p>"
    #expect(
      html.markup
        == "<p>&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &#39;x&#39;\u{FFFD}[31m\u{FFFD} end</p>")
    let inner: HTML = "<b>\(name)</b>"
    let outer: HTML = "\(inner)"
    #expect(outer.markup == inner.markup)
    var table = HTMLTable(["<i>"], numeric: [0])
    table.add(["\(name)"])
    #expect(!table.html.markup.contains("<script") && table.html.markup.contains("&lt;i&gt;"))
  }

  @Test("lines of settings are kept")
  func linesOfSettingsAreKept() {
    #expect(HTML(lines: "a = '<'\nb = 2").markup == "a = &#39;&lt;&#39;\nb = 2")
  }

  @Test("numbers have their decimals")
  func numbersHaveTheirDecimals() {
    #expect(HTML.number(1.3) == "1.30" && HTML.number(-0.004, decimals: 4) == "-0.0040")
    #expect(HTML.number(2, decimals: 0) == "2" && HTML.number(.nan) == "\u{2013}")
    #expect(HTML.number(123.456, decimals: 1) == "123.5")
  }

  @Test("names within pictures do not meet")
  func namesWithinPicturesDoNotMeet() throws {
    let drawn = """
      <?xml version="1.0"?>
      <svg viewBox="0 0 1 1" xmlns="http://www.w3.org/2000/svg"><title>Gnuplot</title>
      <circle id='gpDot'/><use xlink:href='#gpDot'/><g id="plot_1" filter="url(#box)"/></svg>
      """
    let picture = try #require(ReportPicture.inline(drawn, name: "a b"))
    #expect(picture.hasPrefix("<svg") && picture.hasSuffix("</svg>"))
    #expect(picture.contains("id='a_b-gpDot'") && picture.contains("href='#a_b-gpDot'"))
    #expect(picture.contains("url(#a_b-box)") && picture.contains("<title>a b</title>"))
    #expect(ReportPicture.inline("<svg><script>x</script></svg>", name: "a") == nil)
    #expect(ReportPicture.inline("<svg><image href='https://example.org/x.png'/></svg>", name: "a") == nil)
    #expect(ReportPicture.inline("no picture", name: "a") == nil)
  }
}
