"""The words that the generator makes up people, companies, products and English feedback from."""

FIRST_NAMES = """
Ada Alan Alice Amir Anna Anton Ben Bruno Carla Chen Clara Dana Daniel Elena Emil Emma Erik Eva Felix Grace Hana Hugo
Ines Isaac Ivan Jane Jonas Julia Karim Lars Laura Leo Lin Lucy Luis Maria Mark Mei Mia Nadia Nina Noah Olga Omar Oscar
Paul Petra Priya Rosa Ruth Sam Sara Simon Sofia Tara Theo Tom Vera Wei Yusuf Zoe
""".split()

SURNAMES = """
Adams Baker Becker Brown Campbell Carter Castillo Chan Clark Cohen Cooper Costa Diaz Dubois Evans Fischer Flores Garcia
Gray Green Gupta Hall Hansen Hill Hughes Ito Jensen Jones Kaya Kelly Khan Kim Klein Larsen Lee Lopez Martin Meyer Miller
Moore Morgan Nakamura Nelson Nguyen Novak Okafor Olsen Park Patel Perez Price Reed Rossi Sato Schmidt Silva Singh Smith
Stone Suzuki Taylor Turner Walker Wang Ward Watson Weber White Wong Wood Young Zhang
""".split()

TRADES = {
    "Records": "Retail",
    "Books": "Retail",
    "Radio": "Broadcasting",
    "Studios": "Media production",
    "Hotels": "Hospitality",
    "Cafés": "Hospitality",
    "Library": "Education",
    "Music School": "Education",
    "Fitness": "Leisure",
    "Events": "Events",
    "Airlines": "Transport",
    "Dental Care": "Health",
}
"""What a company's name ends with, and its industry."""

PLACES = (
    ("New York", "US"),
    ("Los Angeles", "US"),
    ("Chicago", "US"),
    ("Houston", "US"),
    ("Philadelphia", "US"),
    ("Phoenix", "US"),
    ("San Diego", "US"),
    ("Dallas", "US"),
    ("Boston", "US"),
    ("Seattle", "US"),
    ("Denver", "US"),
    ("Atlanta", "US"),
    ("Portland", "US"),
    ("Minneapolis", "US"),
    ("Toronto", "CA"),
    ("Vancouver", "CA"),
    ("London", "GB"),
    ("Manchester", "GB"),
    ("Dublin", "IE"),
    ("Berlin", "DE"),
    ("Munich", "DE"),
    ("Paris", "FR"),
    ("Madrid", "ES"),
    ("Milan", "IT"),
    ("Stockholm", "SE"),
    ("Tokyo", "JP"),
    ("Singapore", "SG"),
    ("Sydney", "AU"),
    ("上海", "CN"),
    ("北京", "CN"),
    ("广州", "CN"),
    ("深圳", "CN"),
)

TITLES = ("Head of Purchasing", "Buyer", "Office Manager", "Managing Director", "Music Editor", "Shop Manager")

GENRES = (
    "Alternative",
    "Blues",
    "Classical",
    "Country",
    "Electronic",
    "Folk",
    "Hip-Hop",
    "Jazz",
    "Pop",
    "Rock",
    "Soul",
    "Soundtracks",
)

FORMATS = {"album": "13.97", "live recording": "16.97", "box set": "39.97"}
"""What a disc can be, and its list price in dollars."""

SUBJECTS = {
    "book": ("Book 图书", ("书", "作者", "内容", "翻译")),
    "hotel-stay": ("Hotel stay 酒店住宿", ("酒店", "房间", "早餐", "宾馆", "入住", "前台")),
    "laptop": ("Laptop 笔记本电脑", ("屏幕", "键盘", "散热", "笔记本", "电脑", "硬盘", "电池")),
}
"""What the reviews are about: the product, and the words by which a review of it is known."""
