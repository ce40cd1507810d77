import Testing

@testable import Operations

@Suite struct PlacesTests {
  @Test func whoComesWhenAllAreTakenWaitsUntilOneLeaves() {
    let places = Places(2)
    #expect(places.take())
    #expect(places.take())
    #expect(!places.take())
    places.leave()
    #expect(places.take())
  }
}
