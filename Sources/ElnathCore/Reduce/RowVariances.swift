extension RowReduction {
  /// The variances of some columns of a row, of which `electrons` are those. They depend on the `LightVariance.reach`
  /// neighbours to each side: so near to an end that is not one of the frame they are not those of the whole row.
  func writeVariances(
    _ y: Int, columns: Range<Int>, electrons: Span<Float>, into variance: UnsafeMutableBufferPointer<Float>
  ) {
    fillConstantVariances(y, columns: columns, into: variance)
    guard let flat else { return LightVariance.add(electrons: electrons, to: variance) }
    let pixels = (y * trim.width + columns.lowerBound)..<(y * trim.width + columns.upperBound)
    LightVariance.add(
      electrons: electrons, inverseFlat: flat.inverse.pixels.span.extracting(pixels),
      relativeFlatVariance: flat.relativeVariance.pixels.span.extracting(pixels), to: variance)
  }

  /// The variances that these columns of a row have without light.
  private func fillConstantVariances(
    _ y: Int, columns: Range<Int>, into variance: UnsafeMutableBufferPointer<Float>
  ) {
    for k in outputs.indices {
      let area = outputs[k].area
      guard area.y <= y && y < area.y + area.height else { continue }
      let part = columns.clamped(to: area.x..<(area.x + area.width))
      if part.isEmpty { continue }
      let place = (part.lowerBound - columns.lowerBound)..<(part.upperBound - columns.lowerBound)
      var v = UnsafeMutableBufferPointer(rebasing: variance[place]).mutableSpan
      let gain = outputs[k].gain
      Self.fill(&v, with: outputs[k].readVariance)
      Self.flatten(
        variance: &v, dark: dark.pixels.span.extracting(dark.place(y, part)),
        shotNoise: darkHasShotNoise ? darkScale * gain : 0,
        darkVariance: darkVariance.pixels.span.extracting(darkVariance.place(y, part)),
        scale: darkScale * darkScale * gain * gain,
        inverse: inverseFlat.pixels.span.extracting(inverseFlat.place(y, part)))
    }
  }
}
