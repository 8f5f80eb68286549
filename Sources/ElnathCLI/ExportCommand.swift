import ArgumentParser
import ElnathPipeline

/// `elnath export`: a light curve, or the list of stars, in the form that others read.
struct ExportCommand: TalkingCommand {
  static let configuration = CommandConfiguration(
    "export", "Hand on a light curve, or the list of stars, in the form that others read.",
    examples: [
      Example("elnath export --format ecsv elnath-out/lightcurve_hh_30.csv"),
      Example("elnath export --format mrt lightcurve_hh_30.csv --filter R -o table2.txt"),
      Example("elnath export --format aavso lightcurve_hh_30.csv --observer-code ABC --aavso-filter R=R"),
      Example(
        "elnath export --format exoplanet lightcurve_x.csv --observer-code ABC --planet 'X b' --aavso-filter CBB"),
      Example("elnath export --format regions elnath-out/stars.csv"),
    ],
    more: """
      One file for each filter, beside the table unless -o says otherwise. Points that are not used stay behind, except \
      in ecsv, votable and fits, whose column used tells them apart. What a form cannot express is refused.

      FORMS
      \(ExportFormat.allCases.map { "  \($0.rawValue): \($0.summary)" }.joined(separator: "\n"))
      """)

  @Argument(help: "lightcurve_X.csv; for radec and regions stars.csv.", completion: .file(extensions: ["csv"]))
  var table: String

  @Option(help: "The form.")
  var format: ExportFormat

  @Option(help: "Only this filter.")
  var filter: String?

  @Option(
    name: [.customShort("o"), .long],
    help: ArgumentHelp("File or folder to write, - for standard output.", valueName: "path"))
  var output: String?

  @Option(help: "The star's name as the receiver knows it; default: that of stars.csv.")
  var name: String?

  @Option(help: "Which errors go out: with the floor that comparison stars show, or of the noise terms alone.")
  var errors = ExportOptions.Errors.scaled

  @Option(help: "Which time goes out; default: bjd_tdb, for aavso and etd jd_utc.")
  var time: ExportOptions.Time?

  @Option(help: ArgumentHelp("The observer's code at the AAVSO.", valueName: "code"))
  var observerCode: String?

  @Option(
    help: ArgumentHelp(
      "The AAVSO's code of the filter, or NAME=CODE for one filter of several; may be repeated.", valueName: "code"),
    transform: AAVSOFilterOption.init)
  var aavsoFilter: [AAVSOFilterOption] = []

  @Option(help: "What the detector was; a CMOS camera counts as CCD at the AAVSO.")
  var detector = ExportOptions.Detector.ccd

  @Option(help: "The one comparison star as the AAVSO knows it.")
  var comparison: String?

  @Option(help: "The AAVSO's chart.")
  var chart: String?

  @Flag(help: "The magnitudes were transformed to the standard system.")
  var transformed = false

  @Option(help: "A note for the AAVSO.")
  var notes: String?

  @Option(help: "The planet's name.")
  var planet: String?

  @Option(
    help: ArgumentHelp("Begin and end of the transit; the flux is 1 outside it.", valueName: "begin,end"),
    transform: TransitOption.init)
  var transit: TransitOption?

  @Option(help: ArgumentHelp("Up to four of: \(ExportOptions.detrending); none for none.", valueName: "names"))
  var detrend = "airmass"

  @Option(help: ArgumentHelp("Binning, as 1x1; default: as observations.csv tells.", valueName: "nxn"))
  var binning: String?

  @Option(help: "Title of the paper.")
  var title: String?

  @Option(help: "Authors of the paper.")
  var authors: String?

  @Flag(help: "Check everything and write nothing.")
  var dryRun = false

  @OptionGroup var talk: TalkOptions

  private var options: ExportOptions {
    var options = ExportOptions()
    options.errors = errors
    options.time = time
    options.name = name
    options.observerCode = observerCode
    options.aavsoFilters = Dictionary(aavsoFilter.map { ($0.filter, $0.code) }) { $1 }
    options.detector = detector
    options.comparison = comparison
    options.chart = chart
    options.transformed = transformed
    options.notes = notes
    options.planet = planet
    options.transit = transit?.range
    options.detrend = detrend == "none" ? [] : detrend.split(separator: ",").map(String.init)
    options.binning = binning
    options.title = title
    options.authors = authors
    return options
  }

  func run() async throws {
    let stage = ExportStage(format: format, options: options, filter: filter, output: output, writes: !dryRun)
    let (table, dryRun) = (table, dryRun)
    if output == "-" && talk.json { throw ValidationError("-o - and --json both want standard output") }
    try await perform {
      for file in try stage(table) {
        if let text = file.text { Console.put(text) }
        guard file.path != "-" else { continue }
        let what = stage.format.isOfStars ? "stars" : "points"
        let filter = file.filter.isEmpty ? "" : " in \(file.filter)"
        let remark = file.rows == 0 ? "" : "(\(file.rows) \(what)\(filter), \(file.leftOut) left out)"
        if dryRun {
          DryRun.wouldWrite("\(file.path) \(remark)")
        } else {
          Console.wrote(file.path, remark)
        }
      }
      return .done
    }
  }
}

/// `CODE` or `NAME=CODE`.
struct AAVSOFilterOption {
  let filter: String
  let code: String

  init(_ text: String) throws {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    filter = parts.count == 2 ? parts[0] : ""
    code = parts[parts.count - 1]
    guard !code.isEmpty else { throw ValidationError("'\(text)' has no code; give, for example, Ha=HA") }
  }
}

/// `BEGIN,END`.
struct TransitOption {
  let range: ClosedRange<Double>

  init(_ text: String) throws {
    let parts = text.split(separator: ",").map { Double($0) }
    guard parts.count == 2, let begin = parts[0], let end = parts[1], begin < end, begin.isFinite, end.isFinite else {
      throw ValidationError("'\(text)': give begin and end of the transit, as 2458107.646,2458107.775")
    }
    range = begin...end
  }
}

extension ExportFormat: ExpressibleByArgument {}
extension ExportOptions.Errors: ExpressibleByArgument {}
extension ExportOptions.Time: ExpressibleByArgument {}
extension ExportOptions.Detector: ExpressibleByArgument {}
