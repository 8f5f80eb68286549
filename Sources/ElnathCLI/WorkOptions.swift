import ArgumentParser
import ElnathPipeline
import Logging

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// How to work on frames: with which settings, on how many at a time, and where cameras are found.
struct WorkOptions: ParsableArguments {
  @OptionGroup var jobs: JobsOption

  @Option(
    help: ArgumentHelp("Memory for the frames being worked on, in GiB (2G) or MiB (500M).", valueName: "size"),
    transform: MemorySize.init)
  var memory: MemorySize?

  @OptionGroup var settings: SettingOptions
  @OptionGroup var catalogs: CatalogsOption

  @Flag(help: "Check the project and the headers, say what would be written, and write nothing.")
  var dryRun = false

  @OptionGroup var talk: TalkOptions

  var logger: Logger { .console(quiet: talk.quiet) }

  /// Told how far a step has come.
  var progress: @Sendable (Workspace.Progress) -> Void {
    let quiet = talk.quiet
    return { if !quiet { ProgressLine.shared.show($0) } }
  }

  /// Refuses what bare frames, which have no project file, leave without a meaning.
  ///
  /// - Parameter settings: true where `--set` has one all the same.
  func checkBare(settings takesSettings: Bool = false) throws {
    if !takesSettings && !settings.assignments.isEmpty { throw ValidationError("--set: needs a project file") }
    if !settings.maps.isEmpty { throw ValidationError("--map: needs a project file") }
  }
}

/// `--jobs`.
struct JobsOption: ParsableArguments {
  @Option(
    name: .customLong("jobs"), help: "Frames that are worked on at the same time; default: one for each processor.")
  var number: Int?

  func validate() throws {
    if let number, number < 1 { throw ValidationError("--jobs \(number): give at least 1") }
  }

  var count: Int { number ?? max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }
}

/// A setting that an option of the command line stands for.
typealias NamedSetting = (name: String, path: [String], value: SettingsTree)

/// `--set` and `--map`.
struct SettingOptions: ParsableArguments {
  @Option(
    name: .customLong("set"), help: ArgumentHelp("Change one setting; may be repeated.", valueName: "key=value"))
  var assignments: [String] = []

  @Option(
    name: .customLong("map"),
    help: ArgumentHelp(
      "Read a value from another keyword: FILTER=CMMTOBS takes the filter from CMMTOBS.", valueName: "key=name"),
    transform: KeywordAssignment.init)
  var maps: [KeywordAssignment] = []

  /// Reads and checks the project file, nil for the defaults alone.
  func project(_ file: String?, options: [NamedSetting] = []) throws -> Project {
    let mapped = maps.map {
      ("--map \($0.key)=\($0.keyword)", ["input", "map", $0.key], SettingsTree.text($0.keyword))
    }
    return try Project(file: file, assignments: assignments, options: options + mapped)
  }
}

/// `--catalogs`.
struct CatalogsOption: ParsableArguments {
  @Option(
    name: .customLong("catalogs"),
    help: ArgumentHelp("Folder with cameras, observatories and stars.", valueName: "dir"))
  var folder: String?

  /// Where the catalogs lie for files of the current folder, or of the folder of a project.
  func locator(for project: ProjectFolder = ProjectFolder(".")) throws -> CatalogLocator {
    try CatalogLocator.check(chosen: folder, option: "--catalogs")
    return CatalogLocator("catalogs", chosen: folder, project: project)
  }

  /// Cameras and observatories; a camera's path counts from the current folder.
  func profiles(for project: ProjectFolder = ProjectFolder(".")) throws -> ProfileCatalog {
    ProfileCatalog(locator: try locator(for: project), project: ProjectFolder("."))
  }
}

/// The text of one `--map`.
struct KeywordAssignment {
  let key: String
  let keyword: String

  init(_ text: String) throws {
    let parts = text.split(separator: "=", maxSplits: 1).map { $0.trimmingBlanks }
    guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
      throw ValidationError("'\(text)' is not of the form key=name; give, for example, FILTER=CMMTOBS")
    }
    (key, keyword) = (parts[0], parts[1])
  }
}

extension Substring {
  fileprivate var trimmingBlanks: String {
    String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
  }
}

/// An amount of memory as `2G`, `1.5G` or `500M`; a plain number counts GiB.
struct MemorySize {
  let bytes: Int

  init(_ text: String) throws {
    let unit: Double = text.uppercased().hasSuffix("M") ? 0x1p20 : 0x1p30
    let number = text.last.map { "GgMm".contains($0) } == true ? String(text.dropLast()) : text
    guard let value = Double(number), value > 0, value * unit < 0x1p60 else {
      throw ValidationError("'\(text)' is no amount of memory; give, for example, 2G")
    }
    bytes = Int(value * unit)
  }
}
