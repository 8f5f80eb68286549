// Masters and reduced frames of two real cameras against an independent reduction of the same files:
// Tests/Fixtures/reduction/reference.py with ccdproc 2.5.1, astropy 8.0.2, numpy 2.4.6.
import ElnathCore
import ElnathTestSupport
import FoundationEssentials
import Testing

@testable import ElnathPipeline

/// Pixels of the reference: by way and product.
private struct ReferencePixels {
  struct Pixel {
    var x: Int
    var y: Int
    var value: Double
  }

  private var pixels: [String: [Pixel]] = [:]

  init(_ camera: String) throws {
    let text = try FileBytes.text(of: packageFolder.absolute("Tests/Fixtures/reduction/\(camera).csv"))
    for line in text.split(separator: "\n").dropFirst(2) {
      let cells = line.split(separator: ",")
      guard cells.count == 5, let x = Int(cells[2]), let y = Int(cells[3]), let value = Double(cells[4]) else {
        Issue.record("\(camera).csv: \(line)")
        continue
      }
      pixels["\(cells[0]) \(cells[1])", default: []].append(Pixel(x: x - 1, y: y - 1, value: value))
    }
  }

  func callAsFunction(_ way: String, _ product: String) throws -> [Pixel] { try #require(pixels["\(way) \(product)"]) }
}

@Suite(
  "reduction against ccdproc",
  .enabled(
    if: FileManager.default.fileExists(atPath: packageFolder.absolute("../shared/data/nickel")),
    "the frames are not in ../shared/data"))
struct ReductionReferenceTests {
  /// What the project files of both ways have in common. Gain and read noise do not enter the comparison, which is in
  /// ADU: the electrons of a light are divided by the gain.
  private static func project(_ camera: String, plain: Bool) -> String {
    let data = packageFolder.absolute("../shared/data")
    let reduce = plain ? "\n[reduce]\noverscan = \"median\"\ncombine = \"mean\"\n" : ""
    if camera == "nickel" {
      return """
        version = 1
        [input]
        lights = ["\(data)/nickel/d1047.fits.fz", "\(data)/nickel/d1048.fits.fz", "\(data)/nickel/d1052.fits.fz",
          "\(data)/nickel/d1059.fits.fz", "\(data)/nickel/d1074.fits.fz", "\(data)/nickel/d1083.fits.fz"]
        biases = ["\(data)/nickel/d10[01]*.fits.fz"]
        flats = ["\(data)/nickel/\(plain ? "d1036" : "d103*").fits.fz"]
        gain = 1.8
        read_noise = 9
        saturation = 60000
        trim = "[1:1024,1:1024]"
        overscan = "[1035:1056,1:1024]"
        \(reduce)
        """
    }
    return """
      version = 1
      [input]
      lights = ["\(data)/starshoot/ngc7333/*"]
      biases = ["\(data)/starshoot/bias/*"]
      darks = ["\(data)/starshoot/dark/*"]
      flats = ["\(data)/starshoot/flat/\(plain ? "9_17_21_1F.fit.gz" : "*")"]
      gain = 0.39
      read_noise = 2.9
      saturation = 65000
      \(reduce)
      """
  }

  private static func reduced(_ camera: String, plain: Bool) async throws -> ReducedNight {
    let folder = try TestFolder()
    try folder.write("PROJECT.toml", project(camera, plain: plain))
    return try await ReducedNight(project: folder.folder.absolute("PROJECT.toml"))
  }

  private static let lights = [
    "nickel": ["d1047", "d1048", "d1052", "d1059", "d1074", "d1083"],
    // In the order of time.
    "starshoot": [
      "9_17_21_NGC73331L30", "9_17_21_NGC73331L60", "9_17_21_NGC73332L60", "9_17_21_NGC73311L60", "9_17_21_NGC73312L60",
      "9_17_21_NGC73313L60",
    ],
  ]
  private static let gains = ["nickel": 1.8, "starshoot": 0.39]
  private static let flats = ["nickel": "flat_V", "starshoot": "flat_none"]

  /// All products that the reference has too: name there, ours, and ours in units of the reference.
  private static func products(
    _ camera: String, _ night: ReducedNight
  ) throws -> [(name: String, ours: PlainFITS, unit: Double)] {
    var products = [("bias", try night.master("bias"), 1.0), ("flat", try night.master(flats[camera] ?? ""), 1.0)]
    if camera == "starshoot" { products.append(("dark", try night.master("dark_20s"), 1.0)) }
    for (name, light) in zip(lights[camera] ?? [], night.lights) { products.append((name, light, gains[camera] ?? 1)) }
    return products
  }

  @Test("The same algorithm gives the same pixels", arguments: ["nickel", "starshoot"])
  func plain(camera: String) async throws {
    let reference = try ReferencePixels(camera)
    let night = try await Self.reduced(camera, plain: true)
    #expect(night.lights.count == 6)
    // A flat may be normalised by another level than the median of all pixels; lights carry its inverse.
    let flat = try night.master(Self.flats[camera] ?? "").image
    let ratios = try reference("plain", "flat").map { flat[$0.x, $0.y] / $0.value }
    let level = Median.of(ratios)
    #expect(abs(level - 1) < 0.02)
    for (name, ours, unit) in try Self.products(camera, night) {
      let (image, mask) = (try ours.image, try ours.mask)
      let isMaster = name == "bias" || name == "dark"
      let scale = name == "flat" ? level : isMaster ? 1 : unit / level
      var compared = 0
      for pixel in try reference("plain", name) where mask[pixel.x, pixel.y] == 0 {
        compared += 1
        // Pixels of up to 65535 ADU as floats of 24 bits, through three subtractions and two products; a pixel of the
        // light stands on a zero level of 1000 ADU that went away again.
        let tolerance = 4e-7 * abs(pixel.value) * scale + (name == "flat" ? 1e-6 : 3e-4 * max(1, scale))
        #expect(abs(image[pixel.x, pixel.y] - pixel.value * scale) < tolerance, "\(name) \(pixel)")
      }
      #expect(compared > 110, "\(name): \(compared)")
    }
  }

  @Test(
    "Good practice with other tools gives the same within the noise, and outside the mask every pixel has a value",
    arguments: ["nickel", "starshoot"])
  func robust(camera: String) async throws {
    let reference = try ReferencePixels(camera)
    let night = try await Self.reduced(camera, plain: false)
    let flat = try night.master(Self.flats[camera] ?? "").image
    let level = Median.of(try reference("robust", "flat").map { flat[$0.x, $0.y] / $0.value })
    for (name, ours, unit) in try Self.products(camera, night) {
      let flaws = try ours.flaws()
      #expect(flaws.wrong == 0, "\(name)")
      // Bad columns and a dark corner, not a region.
      #expect(flaws.masked < 20_000, "\(name): \(flaws.masked)")
      let (image, variance, mask) = (try ours.image, try ours.variance, try ours.mask)
      let scale = name == "flat" ? level : name == "bias" || name == "dark" ? 1 : unit / level
      // The same photons on both sides: what differs is what the tools made of the zero level, of outliers, of the
      // weights of the flats.
      let pulls = try reference("robust", name).filter { mask[$0.x, $0.y] == 0 }.map {
        (image[$0.x, $0.y] - $0.value * scale) / variance[$0.x, $0.y].squareRoot()
      }
      #expect(pulls.count > 110, "\(name): \(pulls.count)")
      let centre = Median.of(pulls)
      #expect(abs(centre) < 0.3, "\(name): shifted by \(centre) sigma")
      // The two fields of the interlaced StarShoot saw flats that differ by up to 1.6 per cent from frame to frame, more
      // than the photons: there the master depends on how frames are weighted.
      let limit = camera == "starshoot" && name == "flat" ? 1 : 0.5
      #expect(RobustScale.sigma(pulls, about: centre) < limit, "\(name): \(RobustScale.sigma(pulls, about: centre))")
      #expect(pulls.filter { abs($0 - centre) > 3 }.count <= 2, "\(name): \(pulls.filter { abs($0 - centre) > 3 })")
    }
  }

  @Test("Kinds and times of the Nickel frames: bias from DARK without exposure, flats from the object")
  func nickelKinds() async throws {
    let folder = try TestFolder()
    try folder.write(
      "PROJECT.toml",
      Self.project("nickel", plain: false).replacing("d103*", with: "d103[0-9]").replacing("overscan = ", with: "#"))
    let workspace = try Workspace.quiet(folder.folder.absolute("PROJECT.toml"))
    let seen = workspace.scan.observations.map(\.observation)
    #expect(seen.filter { $0.kind == .bias }.count == 10)
    #expect(seen.filter { $0.kind == .flat && $0.filter == "V" }.count == 3)
    #expect(seen.filter { $0.kind == .light && $0.filter == "V" }.count == 6)
    for observation in seen {
      // COVER = 32 columns beyond DATASEC.
      #expect(observation.overscan == PixelRectangle(section: "[1025:1056,1:1024]"))
      #expect(observation.trim == PixelRectangle(section: "[1:1024,1:1024]"))
    }
    // DATE-BEG 2024-05-13T06:25:35.95 and 600 s: astropy 8.0.2, Time("2024-05-13T06:30:35.95").jd.
    let deep = try #require(seen.first { $0.exposure == 600 })
    #expect(abs(deep.jdUTC - 2_460_443.771_249_42) < 1e-7)
  }

  @Test("Kinds and times of the StarShoot frames: IMAGTYP, a clock of twelve hours in the evening")
  func starshootKinds() async throws {
    let folder = try TestFolder()
    try folder.write("PROJECT.toml", Self.project("starshoot", plain: false))
    let workspace = try Workspace.quiet(folder.folder.absolute("PROJECT.toml"))
    let seen = workspace.scan.observations.map(\.observation)
    for (kind, count) in [(Observation.Kind.bias, 10), (.dark, 10), (.flat, 10), (.light, 6)] {
      #expect(seen.filter { $0.kind == kind }.count == count)
    }
    // '2021-09-17 T10:09:41' of 60 s; the first card says PM: astropy 8.0.2, Time("2021-09-17T22:10:11").jd.
    let light = try #require(seen.first { $0.file.contains("NGC73311L60") })
    #expect(abs(light.jdUTC - 2_459_475.423_738_43) < 1e-7)
    let order = workspace.lights.map(\.observation.file).map { String($0.split(separator: "/").last ?? "") }
    #expect(order == (Self.lights["starshoot"] ?? []).map { $0 + ".fit.gz" })
  }
}
