import ElnathCore
import ElnathFITS
import FoundationEssentials

/// `elnath export`: a light curve, or the list of stars, in the form that others read.
public struct ExportStage: Sendable {
  public var format: ExportFormat
  public var options: ExportOptions
  /// Nil for all filters of the curve, one file each.
  public var filter: String?
  /// A file, a folder, or `-` for standard output; nil for files beside the table.
  public var output: String?
  /// False to check everything and write nothing.
  public var writes: Bool

  /// One file that was written.
  public struct Written: Sendable {
    /// `-` for standard output.
    public var path: String
    /// Empty for lists of stars.
    public var filter: String
    /// Points or stars in it, and those that stayed behind.
    public var rows: Int
    public var leftOut: Int
    /// What is to go to standard output, where that was asked for.
    public var text: [UInt8]?
  }

  public init(
    format: ExportFormat, options: ExportOptions = ExportOptions(), filter: String? = nil, output: String? = nil,
    writes: Bool = true
  ) {
    self.format = format
    self.options = options
    self.filter = filter
    self.output = output
    self.writes = writes
  }

  /// - Parameter table: `lightcurve_X.csv`, or `stars.csv` for the forms of a star list.
  public func callAsFunction(_ table: String) throws(PipelineError) -> [Written] {
    if let list = format.starListFormat { return try export(stars: table, list) }
    guard let form = format.curveFormat else { return [] }
    let curves = try CurveInput(table, options: options, keepsEveryPoint: form.keepsEveryPoint).curves(filter: filter)
    if curves.count > 1, let output, !isFolder(output) {
      let names = curves.map { "'\(CSVText.cleaned($0.filter))'" }.joined(separator: ", ")
      throw PipelineError(
        .usage, "-o \(output)",
        "one file for \(curves.count) filters (\(names)); choose one with --filter, or name a folder")
    }
    // All of them before the first is written: a refusal leaves nothing half done.
    var prepared: [(curve: ExportedCurve, products: [ExportProduct])] = []
    for curve in curves { prepared.append((curve, try form.products(of: curve, options))) }
    var written: [Written] = []
    for (curve, products) in prepared {
      let paths = try paths(of: products, stem: curve.stem, beside: table)
      for (product, path) in zip(products, paths) {
        var file = try write(product, to: path)
        file.filter = curve.filter
        file.leftOut = product.rows > 0 ? curve.leftOut + curve.points.count - product.rows : 0
        written.append(file)
      }
    }
    return written
  }

  private func export(stars table: String, _ form: any StarListFormat) throws(PipelineError) -> [Written] {
    if filter != nil { throw PipelineError(.usage, "--filter", "a list of stars has no filters") }
    let stars = try StarListInput(table).stars
    let product = try form.product(of: stars, options)
    let stem = String(ProjectFolder.split(table).name.split(separator: ".").first ?? "stars")
    var file = try write(product, to: try paths(of: [product], stem: stem, beside: table)[0])
    file.leftOut = stars.count - product.rows
    return [file]
  }

  private func isFolder(_ path: String) -> Bool {
    var isFolder = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder
  }

  private func paths(
    of products: [ExportProduct], stem: String, beside table: String
  ) throws(PipelineError) -> [String] {
    guard let output, !isFolder(output) else {
      let folder = output ?? ProjectFolder.split(table).folder
      return products.map { (folder == "." && output == nil ? "" : folder + "/") + stem + $0.ending }
    }
    guard output != "-" else {
      guard products.count == 1, case .table = products[0].content else { return products.map { _ in "-" } }
      throw PipelineError(.usage, "-o -", "a FITS file is not written to standard output; name a file")
    }
    // What accompanies the first file gets its name with another ending.
    let name = ProjectFolder.split(output).name
    let base = name.lastIndex(of: ".").map { output.dropLast(name[$0...].count) } ?? Substring(output)
    return [output] + products.dropFirst().map { base + $0.ending }
  }

  private func write(_ product: ExportProduct, to path: String) throws(PipelineError) -> Written {
    var written = Written(path: path, filter: "", rows: product.rows, leftOut: 0)
    switch product.content {
    case .text(let text) where path == "-": written.text = Array(text.utf8)
    case .bytes(let bytes) where path == "-": written.text = bytes
    case _ where !writes: break
    case .text(let text): try AtomicFile.write(text, to: path)
    case .bytes(let bytes): try AtomicFile.write(bytes, to: path)
    case .table(let table):
      do throws(FITSError) {
        try FITSWriter.write(table, to: path)
      } catch {
        throw FileFault.writing(error, path)
      }
    }
    return written
  }
}
