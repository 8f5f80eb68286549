import ElnathTestSupport
import FoundationEssentials
import Testing

/// Headless Chromium, where it is installed: how a page comes out.
enum Browser {
  static let path: String? = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]
    .first { FileManager.default.isExecutableFile(atPath: $0) }

  struct View: Decodable {
    /// Width of what the page needs minus that of the window, px, by width of the window.
    var overflow: [String: Double]
    /// Elements that run scripts, attributes that do, pictures with another source than the page itself.
    var scripts: Int
    var handlers: Int
    var images: Int
    /// What was fetched, and links that lead away from the page.
    var resources: Int
    var links: Int
    /// Pictures drawn in the page, and those of them without a size.
    var pictures: Int
    var emptyPictures: Int
    var text: String
    /// What the console says.
    var complaints: [String] = []

    enum CodingKeys: CodingKey {
      case overflow, scripts, handlers, images, resources, links, pictures, emptyPictures, text
    }
  }

  /// Opens the page in windows of 400 and 1280 px. A frame within a page serves as window, since that of the browser
  /// has a least width; what was found takes the place of the page, whose text is too long to be handed back.
  static func view(_ page: String, in folder: TemporaryFolder) async throws -> View {
    let escaped = page.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
    try folder.write("window.html", before + escaped + after)
    let browser = try #require(path)
    let options = "--headless=new --no-sandbox --disable-gpu --disable-extensions --virtual-time-budget=20000"
    let outcome = try await Program.shell(
      "HOME='\(folder.path)' timeout 120 \(browser) \(options) --user-data-dir='\(folder.path)/browser' "
        + "--enable-logging=stderr --dump-dom 'file://\(folder.path)/window.html'")
    let start = try #require(outcome.output.firstRange(of: "<pre id=\"found\">"), "\(outcome.messages.suffix(2000))")
    let end = try #require(outcome.output.firstRange(of: "</pre>"))
    let found = outcome.output[start.upperBound..<end.lowerBound]
      .replacing("&lt;", with: "<").replacing("&gt;", with: ">").replacing("&nbsp;", with: "\u{A0}")
      .replacing("&amp;", with: "&")
    var view = try JSONDecoder().decode(View.self, from: Data(found.utf8))
    view.complaints = outcome.messages.split(separator: "\n").map(String.init).filter { $0.contains("CONSOLE") }
    return view
  }

  private static let before = "<!DOCTYPE html><meta charset=\"utf-8\"><body><textarea id=\"page\" hidden>"
  private static let after = """
    </textarea><script>
    const text = document.getElementById('page').value;
    const found = { overflow: {} };
    async function look(width) {
      const frame = document.createElement('iframe');
      frame.style.cssText = 'border: 0; height: 900px; width: ' + width + 'px';
      const ready = new Promise(done => frame.onload = done);
      frame.srcdoc = text;
      document.body.append(frame);
      await ready;
      const page = frame.contentDocument, root = page.documentElement;
      found.overflow[width] = root.scrollWidth - root.clientWidth;
      found.scripts = page.querySelectorAll('script, iframe, object, embed').length;
      found.handlers = [...page.querySelectorAll('*')].filter(e => [...e.attributes].some(a => a.name.startsWith('on'))).length;
      found.images = [...page.images].filter(i => !i.src.startsWith('data:')).length;
      found.resources = frame.contentWindow.performance.getEntriesByType('resource').filter(r => !r.name.startsWith('data:')).length;
      found.links = [...page.links].filter(a => !(a.getAttribute('href') || '').startsWith('#')).length;
      const pictures = [...page.querySelectorAll('figure svg')];
      found.pictures = pictures.length;
      found.emptyPictures = pictures.filter(p => p.getBoundingClientRect().height < 40).length;
      found.text = page.body.innerText;
      frame.remove();
    }
    (async () => {
      for (const width of [400, 1280]) await look(width);
      const pre = document.createElement('pre');
      pre.id = 'found';
      pre.textContent = JSON.stringify(found);
      document.body.replaceChildren(pre);
    })();
    </script></body>
    """
}

@Suite("the page in a browser", .enabled(if: Browser.path != nil, "no Chromium here"))
struct BrowserTests {
  @Test("no error, nothing from outside, as wide as a telephone")
  func report() async throws {
    let folder = try TemporaryFolder()
    let made = try await Program.run("simulate", "--preset", "quick", "-o", folder.path)
    #expect(made.status == 0, "\(made.messages)")
    let run = try await Program.run("run", folder.path + "/PROJECT.toml")
    #expect(run.status == 0, "\(run.messages)")
    let view = try await Browser.view(try #require(folder.text("elnath-out/report.html")), in: folder)
    #expect(view.complaints.isEmpty, "\(view.complaints)")
    #expect(view.overflow == ["400": 0, "1280": 0])
    #expect(view.resources == 0 && view.links == 0 && view.images == 0 && view.scripts == 0 && view.handlers == 0)
    #expect(view.pictures >= 10 && view.emptyPictures == 0)
    // The first answers a reader looks for, in order, before anything else.
    let questions = [
      "Did it work?", "Which light curves?", "Can I trust the error bars?", "Which frames are not used, and why?",
    ]
    let places = questions.map { question in
      view.text.firstRange(of: question).map { view.text.distance(from: view.text.startIndex, to: $0.lowerBound) }
    }
    #expect(
      places.allSatisfy { $0 != nil && $0! < 1800 } && places.compactMap(\.self) == places.compactMap(\.self).sorted())
  }
}
