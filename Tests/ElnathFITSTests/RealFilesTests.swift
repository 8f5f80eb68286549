import Glibc
import Testing

@testable import ElnathFITS

/// Real files beside the project, where they are present, against what astropy 8.0.2 makes of them:
///     with fits.open(f) as h: d = np.squeeze(image.data).astype(np.float32); print(d.shape, np.nansum(d, dtype=np.float64))
@Suite(.enabled(if: RealFiles.arePresent, "needs ../shared/data beside the package"))
struct RealFilesTests {
  /// Path, width, height and sum of the pixels.
  static let images: [(String, Int, Int, Double)] = [
    ("fits_corpus/astrogo/testdata_example.fits", 3, 4, 46.0),
    ("fits_corpus/astrogo/testdata_file-img2-bitpix+16.fits", 50, 50, 3317340.0),
    ("fits_corpus/astrogo/testdata_file-img2-bitpix+64.fits", 50, 50, -3.401434653160154e+20),
    ("fits_corpus/astrogo/testdata_file-img2-bitpix-64.fits", 50, 50, 150.1651759160709),
    (
      "fits_corpus/astropy/astropy_io_fits_hdu_compressed_tests_data_compressed_with_nan.fits", 12, 12,
      10283.48254942894
    ),
    ("fits_corpus/astropy/astropy_io_fits_hdu_compressed_tests_data_m13_gzip.fits", 300, 300, 13293397.0),
    ("fits_corpus/astropy/astropy_io_fits_tests_data_checksum.fits", 30, 40, 251496.0),
    ("fits_corpus/astropy/astropy_io_fits_tests_data_comp.fits", 440, 300, 34417871.0),
    ("fits_corpus/astropy/astropy_io_fits_tests_data_compressed_image.fits", 10, 10, 4950.0),
    ("fits_corpus/astropy/astropy_io_fits_tests_data_fixed-1890.fits", 100, 100, 18900000.0),
    ("fits_corpus/astropy/astropy_wcs_tests_data_dss.14.29.56-62.41.05.fits.gz", 100, 100, 51011936.0),
    ("fits_corpus/ccdproc/ccdproc_tests_data_sip-wcs.fit", 100, 50, 16048727.0),
    ("fits_corpus/esheldon/fitsio_test_images_test_gzip_compressed_image.fits.fz", 10, 10, 0.0),
    ("fits_corpus/esheldon/fitsio_test_images_test_rice_dither2_seed42.fits.fz", 100, 100, -28.814677834510803),
    ("fits_corpus/fips3/test_data_header_end.fits", 10, 10, 822400.0),
    ("fits_corpus/fips3/test_data_sombrero-32.fits", 800, 448, 19848225.0),
    ("fits_corpus/fips3/test_data_sombrero32.fits", 800, 448, 332997958041600.0),
    ("fits_corpus/lsst_afw/tests_data_ZPN.fits", 10, 10, 0.0),
    ("fits_corpus/lsst_afw/tests_data_exposure-noversion.fits", 10, 10, 4950.0),
    ("fits_corpus/lsst_afw/tests_data_exposure-version-1.fits", 10, 10, 4950.0),
    ("fits_corpus/lsst_afw/tests_data_ticketdm26260.fits.fz", 512, 512, 6447394.0),
    ("fits_corpus/lsst_afw/tests_test.fits.gz", 250, 232, 1055640.0),
    ("fits_corpus/lsst_afw/tests_test_amp.fits.gz", 125, 58, 131955.0),
    ("fits_corpus/lsst_afw/tests_test_comp_trimmed.fits.gz", 200, 204, 1055640.0),
    ("fits_corpus/nomtam/src_test_resources_nom_tam_fits_test_test.fits.gz", 5, 5, 300.0),
    ("fits_corpus/nomtam/src_test_resources_nom_tam_image_provided_m13.fits", 300, 300, 13293397.0),
    ("fits_corpus/nomtam/src_test_resources_nom_tam_image_provided_m13_rice.fits", 300, 300, 13293397.0),
    ("fits_corpus/nomtam/src_test_resources_nom_tam_image_provided_m13real_rice.fits", 300, 300, 13371898.996536255),
    ("fits_corpus/rustfitsio/testdata_square_array.fits", 5, 5, 300.0),
    ("hatp32/HATP-32171220013343.FITS.fz", 650, 500, 121601389.0),
    ("nickel/d1001.fits.fz", 1056, 1024, 1163159525.0),
    ("starshoot/flat/9_17_21_10F.fit.gz", 752, 582, 21407912193.0),
    ("starshoot/ngc7333/9_17_21_NGC73311L60.fit.gz", 752, 582, 1566879085.0),
  ]

  @Test(arguments: images)
  func pixelsAreThoseOfAnotherReader(_ file: String, _ width: Int, _ height: Int, _ sum: Double) throws {
    let (_, image) = try FITSFile.readImage(path: RealFiles.folder + file)
    #expect(image.width == width && image.height == height)
    var total = 0.0
    var magnitude = 0.0
    for pixel in image.pixels where !pixel.isNaN {
      total += Double(pixel)
      magnitude += Double(abs(pixel))
    }
    // Two sums of the same single-precision numbers in another order; dithered pixels may differ by their rounding.
    #expect(abs(total - sum) <= 1e-9 * magnitude)
  }

  @Test(arguments: [
    ("fits_corpus/astrogo/testdata_issue-38.fits", FITSError.Code.noImage),
    ("fits_corpus/astropy/astropy_io_fits_hdu_compressed_tests_data_m13_plio.fits", FITSError.Code.unsupported),
    ("fits_corpus/astropy/astropy_io_fits_tests_data_arange.fits", FITSError.Code.unsupported),
    ("fits_corpus/astropy/astropy_io_fits_tests_data_ascii_i4-i20.fits", FITSError.Code.noImage),
    ("fits_corpus/astropy/astropy_io_fits_tests_data_btable.fits", FITSError.Code.noImage),
    ("fits_corpus/astropy/astropy_io_fits_tests_data_history_header.fits", FITSError.Code.noImage),
    ("fits_corpus/astropy/astropy_io_fits_tests_data_logical_null.fits", FITSError.Code.noImage),
    ("fits_corpus/astropy/astropy_io_fits_tests_data_memtest.fits", FITSError.Code.noImage),
    ("fits_corpus/astropy/astropy_io_fits_tests_data_random_groups.fits", FITSError.Code.noImage),
    ("fits_corpus/astropy/astropy_io_fits_tests_data_test0.fits", FITSError.Code.unsupported),
    ("fits_corpus/astropy/astropy_wcs_tests_data_2wcses.hdr", FITSError.Code.truncated),
    ("fits_corpus/astropy/astropy_wcs_tests_data_chandra-pixlist-wcs.hdr", FITSError.Code.notFITS),
    ("fits_corpus/astropy/astropy_wcs_tests_data_header_with_time.fits", FITSError.Code.unsupported),
    ("fits_corpus/astropy/astropy_wcs_tests_data_ie6d07ujq_wcs.fits", FITSError.Code.unsupported),
    ("fits_corpus/astropy/astropy_wcs_tests_data_irac_sip.hdr", FITSError.Code.truncated),
    ("fits_corpus/astropy/astropy_wcs_tests_data_locale.hdr", FITSError.Code.notFITS),
    ("fits_corpus/astropy/astropy_wcs_tests_data_maps_1904-66_AIT.hdr", FITSError.Code.truncated),
    ("fits_corpus/astropy/astropy_wcs_tests_data_maps_1904-66_AZP.hdr", FITSError.Code.truncated),
    ("fits_corpus/astropy/astropy_wcs_tests_data_maps_1904-66_CAR.hdr", FITSError.Code.truncated),
    ("fits_corpus/astropy/astropy_wcs_tests_data_maps_1904-66_COD.hdr", FITSError.Code.truncated),
    ("fits_corpus/astropy/astropy_wcs_tests_data_maps_1904-66_COO.hdr", FITSError.Code.truncated),
    ("fits_corpus/astropy/astropy_wcs_tests_data_outside_sky.hdr", FITSError.Code.notFITS),
    ("fits_corpus/ccdproc/ccdproc_tests_data_flat-mef.fits", FITSError.Code.unsupported),
    ("fits_corpus/fips3/test_data_movie-32.fits", FITSError.Code.unsupported),
  ])
  func whatIsNoSingleSoundImageIsRefused(_ file: String, _ code: FITSError.Code) {
    #expect(readingError(RealFiles.folder + file)?.code == code)
  }

  @Test func headersKeepWhatCamerasWrote() throws {
    let path = RealFiles.folder + "hatp32/HATP-32171220013343.FITS.fz"
    let (header, width, height) = try FITSFile.readHeader(path: path)
    #expect(width == 650 && height == 500)
    #expect(header.text("EXPTIME") == "060.00" && header.number("EXPTIME") == 60)
    #expect(header.text("DATE-OBS") == "2017-12-19T18:33:43.317-0700")
    #expect(header.number("MJD-OBS") == 58107.065)
    #expect(header.integer("BITPIX") == 16)
  }
}

enum RealFiles {
  static let folder: String = {
    let package = #filePath.split(separator: "/", omittingEmptySubsequences: false).dropLast(3).joined(separator: "/")
    return package + "/../shared/data/"
  }()

  static var arePresent: Bool { access(folder + "fits_corpus/INDEX.csv", R_OK) == 0 }
}
