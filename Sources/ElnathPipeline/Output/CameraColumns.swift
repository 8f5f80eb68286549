import ElnathCore

/// `camera.csv`: one row for each output of the camera and measured number.
public enum CameraColumns {
  public static let all: [Column<CameraRow>] = [
    Column("amplifier", "", "Name of the output; empty for the only one.") { .text($0.amplifier) },
    Column("quantity", "", "What was measured.") { .text($0.quantity.rawValue) },
    Column("unit", "", "Unit of the quantity.") { .text($0.quantity.unit) },
    Column("value", "", "Value of the quantity as the calibration frames tell it.") { .real($0.measured.value) },
    Column("error", "", "Standard error of the value.") { .real($0.measured.error) },
    Column("pairs", "", "Pairs of frames (gain, read noise) or frames that the value comes from.") {
      $0.measured.isKnown ? .integer($0.measured.count) : .empty
    },
    Column("header", "", "What the header of the first light says.") { .real($0.header) },
    Column("profile", "", "What the camera profile says.") { .real($0.profile) },
    Column("project", "", "What the project file says.") { .real($0.project) },
    Column("used", "", "What the reduction takes.") { .real($0.used) },
    Column("origin", "", "Where the value that the reduction takes comes from.") { .text($0.origin) },
    Column("difference", "", "Measured minus stated over stated.") { .real($0.difference) },
    Column("verdict", "", "agree, differ or unknown; empty for what nobody states.") { row in
      switch row.quantity {
      case .gain, .readNoise:
        switch row.verdict {
        case .agrees: .text("agree")
        case .differs: .text("differ")
        case .unknown: .text("unknown")
        }
      default: .empty
      }
    },
    Column("readout", "", "Size, binning and mode, where the lights have several.") { .text($0.readout) },
  ]
}

/// A pair of flats as one output sees it: a row of `photon_transfer.csv`.
struct PhotonTransferRow: Sendable {
  var amplifier: String
  var filter: String
  var files: (first: String, second: String)
  var pair: PhotonTransferPair
  var isUsed: Bool
  var doubt: String
  var readout: String
}

/// `photon_transfer.csv`: one row for each output and pair of flats.
enum PhotonTransferColumns {
  static let all: [Column<PhotonTransferRow>] = [
    Column("amplifier", "", "Name of the output; empty for the only one.") { .text($0.amplifier) },
    Column("filter", "", "Filter of the flats.") { .text($0.filter) },
    Column("level_adu", "ADU", "Level of one flat above zero.") { .real($0.pair.level) },
    Column("variance_adu2", "ADU^2", "Variance of the photons of one flat.") { .real($0.pair.shotVariance) },
    Column("read_variance_adu2", "ADU^2", "Variance of one readout.") { .real($0.pair.readVariance) },
    Column("gain", "e-/ADU", "Level over variance.") { .real($0.pair.level / $0.pair.shotVariance) },
    Column("ratio", "", "Level of the first flat over that of the second.") { .real($0.pair.ratio) },
    Column("used", "", "1 where the pair counts for the gain.") { .boolean($0.isUsed) },
    Column("reason", "", "Why the pair does not count for the gain.") { .text($0.doubt) },
    Column("file_1", "", "First flat of the pair.") { .path($0.files.first) },
    Column("file_2", "", "Second flat of the pair.") { .path($0.files.second) },
    Column("readout", "", "Size, binning and mode, where the lights have several.") { .text($0.readout) },
  ]
}

extension CameraReport {
  /// What every pair of flats told, used or not.
  var photonTransfer: [PhotonTransferRow] {
    measurements.flatMap { measurement in
      measurement.outputs.flatMap { output in
        output.measurement.pairs.compactMap { pair in
          guard let transfer = pair.transfer else { return nil }
          let (first, second) = (output.flats[pair.first], output.flats[pair.second])
          let reason = CameraRemarks.reason(pair)
          return PhotonTransferRow(
            amplifier: output.amplifier.name, filter: first.filter, files: (first.file, second.file), pair: transfer,
            isUsed: pair.isUsed, doubt: pair.isUsed || !reason.isEmpty ? reason : "above a third of saturation",
            readout: measurements.count > 1 ? measurement.readout.description : "")
        }
      }
    }
  }
}
